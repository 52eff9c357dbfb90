"""Options of reading films, where they do not say it themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from repcat.errors import DataError
from repcat.radiographs.exposure import Exposure
from repcat.radiographs.intensity import GREYS, MATCHES, Grey, Match
from repcat.radiographs.radiograph import Film

Turn = Literal["given", "auto"]
T = TypeVar("T")
ACCEPTABLE = ("axial-slice", "heights")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Options of reading films, the same for all films of a case but where there is one a film.

    `grey` says what a bright pixel means; auto: as the header says, else whichever of bone bright
    and bone dark is nearer to the training X-rays. `match` says how grey values become those of
    the training; auto: by percentiles, but line integrals as the recipe scales them. `height_mm` is
    the film's own height, `exposure` where its source stood: for all films, or a tuple of one each,
    in the order in which they are given. What a header says of the source goes before. `turn`
    'auto' turns a film that looks turned, 'given' only says so. `accept` names what is taken as it
    is: 'axial-slice', a refusal that becomes a warning; 'heights', films whose heights do not fit.
    """

    grey: Grey = "auto"
    match: Match = "auto"
    height_mm: float | tuple[float, ...] | None = None
    exposure: Exposure | tuple[Exposure, ...] | None = None
    turn: Turn = "given"
    accept: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name, value, known in (
            ("grey", self.grey, GREYS),
            ("match", self.match, MATCHES),
            ("turn", self.turn, ("given", "auto")),
        ):
            if value not in known:
                msg = f"{name} = {value!r} is not known; there are {', '.join(known)}"
                raise DataError(msg, code="no-such-option")
        if unknown := self.accept - {*ACCEPTABLE}:
            msg = f"accept = {min(unknown)!r} is not known; there are {', '.join(ACCEPTABLE)}"
            raise DataError(msg, code="no-such-option")
        for height in _each(self.height_mm):
            if not 50 <= height <= 2000:
                msg = f"a film {height:g} mm high is no film of a chest; give 50 to 2000 mm"
                raise DataError(msg, code="film-height")

    def told_of(self, films: Sequence[Film]) -> list[Film]:
        """Return films with the height and the source that were told of each.

        Raises:
            DataError: where there are neither one nor as many as films.
        """
        heights = _spread(self.height_mm, len(films), "heights of films")
        sources = _spread(self.exposure, len(films), "source distances")
        return [
            replace(film, height_mm=film.height_mm or height, exposure=film.exposure or source)
            for film, height, source in zip(films, heights, sources, strict=True)
        ]


def _each(told: T | tuple[T, ...] | None) -> tuple[T, ...]:
    """Return what was told, one or many, as a tuple."""
    if told is None:
        return ()
    return told if isinstance(told, tuple) else (told,)


def _spread(told: T | tuple[T, ...] | None, count: int, what: str) -> list[T | None]:
    """Return one for each of `count` films."""
    found = _each(told)
    if len(found) not in (0, 1, count):
        msg = f"{len(found)} {what} for {count} films: give one for all, or one a film"
        raise DataError(msg, code="one-a-film")
    return [*found] * count if len(found) == 1 else [*found] or [None] * count
