"""Quality: is a scan a chest that the cube holds? What is refused, what is noted."""

from __future__ import annotations

from repcat.data.ct.dicom_gaps import SHORTEST_MM
from repcat.data.ct.reader import Volume
from repcat.data.prepare.body import Body
from repcat.data.prepare.crop import fit, place
from repcat.data.prepare.resample import Triple
from repcat.data.prepare.settings import Settings
from repcat.errors import DataError

# Air in the body: 0.17 to 0.27 in the chests tried, 0.02 in an abdomen.
LEAST_AIR = 0.05
# No bed moves farther than the longest; the shortest is a DICOM series' too.
LONGEST_MM = 3000.0
# The body outside the cube: what is worth a note, and what is refused.
NOTED_OUTSIDE, REFUSED_OUTSIDE = 0.01, 0.1
# A scan's side walls in the body: 0.13 where arms reach the edge, 0.87 in a crop.
NOTED_CUT = 0.25
# Whole adult chests tried are 268 to 452 mm wide, arms up.
NARROW_MM, WIDE_MM = 190.0, 600.0


def check_human_size(scan: Volume) -> None:
    """Refuse what is no part of a person; spacing in cm, m or um is the usual cause."""
    sides = [n * mm for n, mm in zip(scan.hu.shape, scan.spacing_mm, strict=True)]
    if min(sides) < SHORTEST_MM or max(sides) > LONGEST_MM:
        x, y, z = (f"{mm:.4g}" for mm in reversed(sides))
        msg = (
            f"the scan spans {x} x {y} x {z} mm, and {SHORTEST_MM:g} to {LONGEST_MM:g} a side are "
            "possible: give the whole series, or correct its spacing, which must be in mm"
        )
        raise DataError(msg, code="scan-size")


def judge(scan: Volume, body: Body, middle: Triple, settings: Settings) -> list[str]:
    """Refuse what is no chest or does not fit; return what a person should know."""
    if body.air < LEAST_AIR and not settings.any_anatomy:
        msg = (
            f"no lungs found ({body.air:.1%} of the body is air); this is not a chest; "
            "keep it with --any-anatomy"
        )
        raise DataError(msg, code="not-a-chest")
    cube, height = settings.cube_mm, scan.hu.shape[0] * scan.spacing_mm[0]
    found = fit(body, middle, cube, settings.place)
    if found.outside > REFUSED_OUTSIDE:
        top = fit(body, place(body, height, cube, "top"), cube, "top")
        helps = settings.place != "top" and top.outside <= REFUSED_OUTSIDE
        msg = (
            f"the cube of {cube:g} mm leaves out {found.outside:.0%} of the body; "
            f"--cube {found.needed_mm:g} would do"
        ) + ", or --place top keeps the upper end" * helps
        raise DataError(msg, code="cube-too-small")
    low, high = body.box_mm[2]
    odd = body.cut <= NOTED_CUT and not NARROW_MM <= high - low <= WIDE_MM
    notes = {
        f"{found.outside:.1%} of the body lies outside the cube": found.outside > NOTED_OUTSIDE,
        f"the scan is {height:.0f} mm high, the cube {cube:g}": height < cube / 2,
        f"the body is {high - low:.0f} mm wide, no adult's: is its spacing right?": odd,
        "the body is cut off at the sides of the scan": body.cut > NOTED_CUT,
        f"no lungs ({body.air:.1%} of the body is air)": body.air < LEAST_AIR,
    }
    return [text for text, true in notes.items() if true]
