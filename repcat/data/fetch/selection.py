"""One chest CT a patient, by a rule that reads nothing but the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from repcat.chance import seed_of
from repcat.data.fetch.descriptions import CHEST, DERIVED, PARTIAL, WHOLE_BODY, region
from repcat.data.fetch.series import Series

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
