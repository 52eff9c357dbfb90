"""What the free text of a CT series says of it: which part of the body, and what sort of images.

Technicians write these texts; the words below are those of the seven collections of the paper.
"""

from __future__ import annotations

import re
from typing import Literal

Region = Literal["chest", "trunk", "unknown", "other"]

CHEST = re.compile(r"chest|thor(?!\w*lmbr)|lung|pulm|airway|\bch\b|\bchst|\bpe\b|ctpa|nlst", re.I)
BELOW = re.compile(r"abd|pel(?:v|\b)|\bap\b|liver|kidney|renal|stone|\bhip", re.I)
TRUNK = re.compile(r"\b[ct][ /-]?a[ /-]?p\b|ch/a/p", re.I)  # chest or thorax, abdomen, pelvis
ABOVE = re.compile(r"brain|head|neck|skull|spin(?:e|al)|lumbar|lmbr|stroke", re.I)

# Not the slices that the scanner made, or none of a volume.
DERIVED = re.compile(
    r"scout|topo|locali[sz]|surview|scano|\bloc\b|monitoring|screen ?save|dose report"
    r"|\bcor\b|coronals?\b|\bsag|\bmpr|rfmt|reformat|\brefs?\b|oblique|\bobl\b|processed"
    r"|\bmips?\b|\bminip|\b3d\b|\bvrt?\b|fused|\d\.000\b",  # 3.000: a reformat by Canon's console
    re.I,
)
# The low-dose CT that goes with a PET or SPECT, from skull to thigh in free breathing.
WHOLE_BODY = re.compile(r"\bpet|\bctac|atten|\bac\b|whole ?body|\bwb\b|\bct fusion", re.I)
# One moment of a breath or a heartbeat, their mean, one energy of two, a late phase of contrast.
PARTIAL = re.compile(
    r"\b\d+ ?%|ave?-?ip|gated|diast|syst|\dkv|\bmono\b|perfusion|\bdelay|\bdel\b", re.I
)


def region(text: str, study_text: str, body_part: str) -> Region:
    """Tell what a series shows: by its own text, or else by its study and body part."""
    shown = _named(text)
    if shown == "unknown":
        return _named(f"{study_text} {body_part}")
    if shown == "other" and _named(body_part) == "chest":
        return "trunk"  # LIDC-IDRI-0509 is an 'AbdRoutine' of a chest
    return shown


def _named(words: str) -> Region:
    if TRUNK.search(words):
        return "trunk"
    elsewhere = BELOW.search(words) or ABOVE.search(words)
    if CHEST.search(words):
        return "trunk" if elsewhere else "chest"
    return "other" if elsewhere else "unknown"
