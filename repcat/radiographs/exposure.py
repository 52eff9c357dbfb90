"""Exposure: where source, patient and film stood, by which a film shows things enlarged."""

from __future__ import annotations

from dataclasses import dataclass

from repcat.errors import DataError

SHORTEST, LONGEST = 300.0, 10_000.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """Distances in mm from the source to the film and to the axis of the patient."""

    source_detector_mm: float
    source_axis_mm: float

    def __post_init__(self) -> None:
        near, far = self.source_axis_mm, self.source_detector_mm
        if not SHORTEST <= near < far <= LONGEST:
            msg = (
                f"a source {far:g} mm from the film and {near:g} mm from the patient's axis: give "
                f"the film's distance first, then the axis', {SHORTEST:g} to {LONGEST:g} mm, such "
                "as 1800:1600"
            )
            raise DataError(msg, code="source-distances")

    @classmethod
    def parse(cls, text: str) -> Exposure:
        """Read `1800:1600`, or the film's distance alone: the axis is then 200 mm before it."""
        first, colon, second = text.strip().partition(":")
        try:
            far = float(first)
            near = float(second) if colon else far - DEPTH_MM
        except ValueError:
            msg = f"{text!r} is no distance in mm; write 1800, or 1800:1600 with the axis' own"
            raise DataError(msg, code="source-distances") from None
        return cls(far, near)

    @property
    def magnification(self) -> float:
        """How much larger the film shows what lies on the axis."""
        return self.source_detector_mm / self.source_axis_mm

    def __str__(self) -> str:
        return (
            f"{self.source_detector_mm:g} mm from source to film, {self.source_axis_mm:g} to axis"
        )


# From the film to the axis of a patient who leans against it.
DEPTH_MM = 200.0
# A chest film where nobody says otherwise: the source stands at 72 inches.
CHEST_FILM = Exposure(1800.0, 1600.0)
