"""FILE@ANGLE: a film and its angle in degrees or by name, or left to the header."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from pathlib import Path

from repcat.errors import DataError, RecipeError
from repcat.radiographs.radiograph import Film
from repcat.view import NAMED_VIEWS, View

# Angles that people write in radians; as degrees nobody takes such views.
RADIANS = {round(k * math.pi / 4, 6): 45 * k for k in range(1, 8)}
LONGEST = 80  # letters of what was typed that a message repeats
# A name that leaves the side open, and the names that say it.
OPEN = {"frontal": ("pa", "ap"), "lateral": ("left_lateral", "right_lateral")}


@dataclass(frozen=True, slots=True)
class Given:
    """A file and the angle it was given with, None where the file's header is to say it."""

    path: Path
    angle: str | None = None

    @classmethod
    def parse(cls, text: str) -> Given:
        """Split FILE@ANGLE at its last @, unless the whole is a file's name.

        Raises:
            DataError: when what follows the last @ is no angle, with the nearest names.
        """
        file, at, angle = text.rpartition("@")
        if not at or (_is_file(text) and not _is_file(file)):
            return cls(Path(text))
        try:
            view_of(angle)
        except DataError as error:
            msg = f"--xray {text[:LONGEST]}: {error}"
            raise DataError(msg, code="not-file-at-angle") from None
        return cls(Path(file), angle)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # longer than any name, a loop of links, a NUL
        return False


def view_of(angle: str | float) -> View:
    """Read degrees or a name; an angle that looks like radians is refused.

    Raises:
        DataError: when it is no view, with the nearest names.
    """
    try:
        view = View.parse(angle)
    except RecipeError:
        said = str(angle)[:LONGEST]
        near = difflib.get_close_matches(said.lower(), NAMED_VIEWS, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        msg = f"{said!r} is no angle; {hint}give degrees or one of {', '.join(NAMED_VIEWS)}"
        raise DataError(msg, code="not-an-angle") from None
    if angle not in NAMED_VIEWS:
        _check_degrees(float(angle))
    return view


def _check_degrees(degrees: float) -> None:
    for radians, meant in RADIANS.items():
        if degrees != 0 and abs(abs(degrees) - radians) < 0.006:
            msg = (
                f"{degrees:g} looks like {math.copysign(meant, degrees):g} degrees in radians; "
                f"angles are in degrees: write {math.copysign(meant, degrees) % 360:g}"
            )
            raise DataError(msg, code="angle-in-radians")


def settle(film: Film, angle: str | float | None) -> tuple[Film, View, str]:
    """Find a film's view: what was given, or what its header says, which also completes a name.

    Returns the film, with a warning where the two contradict each other, the view, and the view
    in words.
    """
    if angle is None and film.view is None:
        msg = f"{film.label}: its header names no view; write FILE@ANGLE, such as {film.label}@pa"
        raise DataError(msg, code="view-not-named")
    said = str(film.view if angle is None else angle)
    if film.view in OPEN.get(said, ()) and film.view is not None:
        said = film.view
    view = view_of(said)
    known = View(*NAMED_VIEWS[film.view]) if film.view else view
    words = f"view {said}"
    if film.view == said:
        words += " (header)" if angle is None else " (as its header says)"
    elif film.view and film.view not in OPEN and known != view:
        text = f"the header says {film.view}, it was given as {said}: taken as {said}"
        film = film.caution("tag", text)
    return film, view, words
