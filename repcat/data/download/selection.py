"""Selection of one chest CT a patient, by a rule that reads nothing but the index."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from repcat.data.download.series import Series
from repcat.rng import seed_of

# 30 slices 10 mm apart are a thorax of 300 mm, 800 of 0.5 mm the cube of 400 mm.
FEWEST, MOST = 30, 800
REGIONS = ("chest", "trunk", "unknown")

# The command's help says the same, and a test holds the two together.
RULE = (
    f"One series a patient. Never: fewer than {FEWEST} or more than {MOST} slices; scouts, "
    "reformats and projections (coronal, sagittal, MPR, MIP); fused images; the whole-body CT of a "
    "PET; what is said to show other parts than the chest. Then, in this order: no single phase of "
    "a breath, heartbeat or contrast and no single energy; the chest alone before chest and "
    "abdomen before what is not said; the most slices; the lowest series UID."
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen series, in the order in which --limit takes them, and who has none."""

    chosen: tuple[Series, ...]
    without: tuple[str, ...]


def select(series: Iterable[Series], seed: int = 0) -> Selection:
    """Choose one CT series of each patient by RULE.

    Patients are ordered by a hash of seed and patient ID, so that the first few are a fair sample
    of all sites and the same everywhere, whatever is downloaded already.
    """
    patients: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        patients[one.patient].append(one)
    fit = {who: [one for one in all_of if is_fit(one)] for who, all_of in patients.items()}
    order = sorted(fit, key=lambda who: (seed_of("fetch", seed, who), who))
    chosen = tuple(min(fit[who], key=rank) for who in order if fit[who])
    return Selection(chosen, tuple(sorted(who for who in fit if not fit[who])))


def is_fit(one: Series) -> bool:
    """Whether a series may be chosen at all."""
    return (
        one.kind == "CT Image Storage"  # no secondary captures, no many frames in a file
        and not one.analysis
        and FEWEST <= one.instances <= MOST
        and not DERIVED.search(one.text)
        and not _is_whole_body(one)
        and _region(one) != "other"
    )


def rank(one: Series) -> tuple[bool, int, int, str]:
    """Return the key by which the best of a patient's series comes first."""
    return bool(PARTIAL.search(one.text)), REGIONS.index(_region(one)), -one.instances, one.uid


def _region(one: Series) -> str:
    return region(one.text, one.study_text, one.body_part)


def _is_whole_body(one: Series) -> bool:
    """A planning CT of the thorax may stand in a PET's study: its body part says so (LCTSC)."""
    if CHEST.search(one.body_part):
        return bool(WHOLE_BODY.search(one.text))
    return bool(WHOLE_BODY.search(f"{one.text} {one.study_text}"))


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
