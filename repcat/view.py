"""View: the direction that an X-ray is taken from, by azimuth, tilt and name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from repcat.errors import RecipeError, shown

Vector = tuple[float, float, float]
MOST_VIEWS = 72  # of a dataset or a recipe: every five degrees
BANK = "bank:"  # and a number: so many even azimuths
TILT = " tilt "  # between azimuth and tilt, in words
MOST_TILT = 60.0  # degrees

# Named views. `pa`: source behind the patient, detector at the chest. `ap`: source in front, so the
# heart is nearer to the source and larger, and a radiologist mirrors the film to see the patient's
# right on the left. A left lateral has the left side at the detector and is read facing left.
NAMED_VIEWS: dict[str, tuple[float, bool]] = {
    "pa": (0.0, False),
    "ap": (180.0, True),
    "frontal": (0.0, False),
    "lateral": (90.0, False),
    "left_lateral": (90.0, False),
    "right_lateral": (270.0, False),
}


@dataclass(frozen=True, slots=True)
class View:
    """An X-ray's direction: azimuth about the head-foot axis and tilt, in degrees.

    At azimuth 0 the source is behind the patient (PA), at 90 on the patient's right, so that a left
    lateral is taken: untilted, the source lies in direction (-sin a, cos a, 0) from the isocentre.
    The image is seen from the detector towards the source: columns run along (cos a, sin a, 0), and
    the frontal view has the patient's right on the image's left. `mirrored` reverses the columns.
    `tilt` t raises the source towards the head about the columns' axis, and the detector with it:
    (-sin a cos t, cos a cos t, sin t); rows run along (-sin a sin t, cos a sin t, -cos t).
    """

    azimuth: float
    mirrored: bool = False
    tilt: float = 0.0

    @classmethod
    def parse(cls, text: str | float) -> View:
        """Read an azimuth in degrees or a name such as 'pa', 'ap', 'left_lateral'.

        Either may be tilted, '30 tilt 10': by -60 to 60 degrees.
        """
        if isinstance(text, str) and text in NAMED_VIEWS:
            return cls(*NAMED_VIEWS[text])
        if isinstance(text, str) and TILT in text:
            return cls._tilted(text)
        azimuth = _degrees(text) % 360
        if not math.isfinite(azimuth):
            names = ", ".join(NAMED_VIEWS)
            msg = f"{shown(text)} is no view: give degrees from 0 to 360 or one of {names}"
            raise RecipeError(msg, code="not-a-view")
        return cls(azimuth)

    @classmethod
    def _tilted(cls, text: str) -> View:
        level, _, tilt = text.rpartition(TILT)
        degrees = _degrees(tilt)
        if TILT in level or not abs(degrees) <= MOST_TILT:
            msg = (
                f"{shown(text)} is no view: tilt it once, by -{MOST_TILT:g} to {MOST_TILT:g} "
                "degrees, as '30 tilt 10'"
            )
            raise RecipeError(msg, code="not-a-view")
        return replace(cls.parse(level), tilt=degrees)

    @property
    def source(self) -> Vector:
        """Unit vector from the isocentre to the source."""
        a, t = math.radians(self.azimuth), math.radians(self.tilt)
        return (-math.sin(a) * math.cos(t), math.cos(a) * math.cos(t), math.sin(t))

    @property
    def columns(self) -> Vector:
        """Unit vector along which column numbers grow."""
        a, sign = math.radians(self.azimuth), -1.0 if self.mirrored else 1.0
        return (sign * math.cos(a), sign * math.sin(a), 0.0)

    @property
    def rows(self) -> Vector:
        """Unit vector along which row numbers grow: from head to foot."""
        a, t = math.radians(self.azimuth), math.radians(self.tilt)
        return (-math.sin(a) * math.sin(t), math.cos(a) * math.sin(t), -math.cos(t))

    def __str__(self) -> str:
        tilt = f"{TILT}{self.tilt:g}" if self.tilt else ""
        return f"{self.azimuth:g}" + (" mirrored" if self.mirrored else "") + tilt

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON and TOML can hold; a tilt of 0 is left out, as before there was one."""
        level: dict[str, Any] = {"azimuth": self.azimuth, "mirrored": self.mirrored}
        return level | ({"tilt": self.tilt} if self.tilt else {})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> View:
        """Read what `to_dict` returned.

        ValueError where it has no such angles, LookupError or TypeError where it is something else.
        """
        angles = float(values["azimuth"]), float(values.get("tilt", 0.0))
        if not all(map(math.isfinite, angles)) or abs(angles[1]) > MOST_TILT:
            msg = "an azimuth or tilt is no number of degrees"
            raise ValueError(msg)
        return cls(angles[0], bool(values["mirrored"]), angles[1])


def _degrees(text: str | float) -> float:
    """Return a number, NaN where it is none."""
    try:
        return float(text)
    except (ValueError, OverflowError):
        return math.nan


def parse_views(words: Iterable[str | float]) -> tuple[View, ...]:
    """Read views as `View.parse` does, and `bank:24` as 24 azimuths of 15 degrees from 0 on.

    Raises:
        RecipeError: where one is no view, or a bank is not of 1 to 72.
    """
    found: list[View] = []
    for word in words:
        if isinstance(word, str) and word.startswith(BANK):
            found += _bank(word)
        else:
            found.append(View.parse(word))
    return tuple(found)


def _bank(word: str) -> list[View]:
    """Return the even azimuths that `bank:<number>` stands for."""
    digits = word.removeprefix(BANK)
    count = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0
    if not 1 <= count <= MOST_VIEWS:
        msg = f"{shown(word)} is no bank of views: give {BANK}1 to {BANK}{MOST_VIEWS}"
        raise RecipeError(msg, code="not-a-bank")
    return [View(360 * k / count) for k in range(count)]
