"""Options of reading films, where they do not say it themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from repcat.errors import DataError
from repcat.radiographs.intensity import GREYS, MATCHES, Grey, Match

Turn = Literal["given", "auto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Options of reading films, the same for all films of a case.

    `grey` says what a bright pixel means; auto: as the header says, else whichever of bone bright
    and bone dark is nearer to the training X-rays. `match` says how grey values become those of
    the training; auto: by percentiles, but line integrals as the recipe scales them. `height_mm` is
    the height of the film in the plane of the patient. `turn` 'auto' turns a film that looks
    turned, 'given' only says so.
    """

    grey: Grey = "auto"
    match: Match = "auto"
    height_mm: float | None = None
    turn: Turn = "given"

    def __post_init__(self) -> None:
        for name, value, known in (
            ("grey", self.grey, GREYS),
            ("match", self.match, MATCHES),
            ("turn", self.turn, ("given", "auto")),
        ):
            if value not in known:
                msg = f"{name} = {value!r} is not known; there are {', '.join(known)}"
                raise DataError(msg, code="no-such-option")
        if self.height_mm is not None and not 50 <= self.height_mm <= 2000:
            msg = f"a film {self.height_mm:g} mm high is no film of a chest; give 50 to 2000 mm"
            raise DataError(msg, code="film-height")
