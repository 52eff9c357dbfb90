"""View matching: films against the views that a model was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.radiographs.nearest_view import apart
from repcat.radiographs.orientation import LETTERS, NAMES, UPRIGHT, turn, turn_between
from repcat.radiographs.radiograph import Film
from repcat.view import View

SAME = 1e-3  # degrees
MOST = 8  # films, as many as a recipe may have views
# Depth in mm at which the error of an opposite view is stated: the front of a heart.
HEART_MM = 80.0


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A film, the view it was taken in, and how that was said."""

    film: Film
    view: View
    said: str


def in_order(films: Sequence[Placed], trained: tuple[View, ...]) -> list[Placed]:
    """Sort films into the order of the trained views; an opposite view stands in for its own.

    Raises:
        DataError: when two films have one angle, or the angles are not the trained ones.
    """
    _check_no_twins(films)
    films = _marked(films)
    found: list[Placed | None] = []
    for view in trained:
        exact = [f for f in films if apart(f.view, view) < SAME]
        opposite = [f for f in films if abs(apart(f.view, view) - 180) < SAME and f not in exact]
        free = [f for f in exact + opposite if f not in found]
        found.append(free[0] if free else None)
    whole = [f for f in found if f is not None]
    if len(whole) == len(trained) == len(films):
        return whole
    given = [f.view for f in films]
    msg = (
        f"the model reads {len(trained)} view{'s' * (len(trained) > 1)}, at {_list(trained)} "
        f"degrees; you gave {len(films)}, at {_list(given)}; a model of your views would serve: "
        "repcat train RECIPE --out NEW --set 'data.views = "
        f"[{_list(sorted({*given}, key=lambda view: view.azimuth))}]'; docs/messages.md#views"
    )
    raise DataError(msg, code="views")


def at_any_angle(films: Sequence[Placed]) -> list[Placed]:
    """Take films as they are given, for a model of any views.

    Raises:
        DataError: when two films have one angle, or there are none or more than eight.
    """
    _check_no_twins(films)
    if not 1 <= len(films) <= MOST:
        msg = f"you gave {len(films)} X-rays; a model of any views takes 1 to {MOST}"
        raise DataError(msg, code="views")
    return _marked(films)


def _marked(films: Sequence[Placed]) -> list[Placed]:
    """Warn of a film whose file is another's, byte for byte."""
    first: dict[str, Film] = {}
    marked = []
    for one in films:
        film, other = one.film, first.setdefault(one.film.sha256, one.film)
        if film.sha256 and other is not film:
            text = f"the same picture as {other.label}, at another angle: is a file given twice?"
            one = replace(one, film=film.caution("copy", text))
        marked.append(one)
    return marked


def align(placed: Placed, trained: View, geometry: Geometry) -> Film:
    """Turn a film so that its columns and rows run as the trained view's do.

    How it lies now is said by the header (PatientOrientation) where it can be, else it is read as
    its view is: the patient's right on the image's left, or facing as a lateral of that side does.
    """
    film, view = placed.film, placed.view
    want = (trained.columns, trained.rows)
    number, why = None, ""
    if film.axes:
        across, down = film.axes
        number = turn_between((LETTERS[across], LETTERS[down]), want)
        why = f"PatientOrientation {across}/{down}"
        if number is None:
            film = film.caution("tag", f"{why} does not go with view {view}: not used")
    film = replace(film, oriented=number is not None)
    if number is None:
        number = turn_between((view.columns, view.rows), want)
        why = f"as a film at {view} is read at {trained}"
    assert number is not None  # a view and its own or opposite one differ by a mirror at most
    if number != UPRIGHT:
        film = turn_film(film, number, why)
    return _opposite(film, view, trained, geometry)


def turn_film(film: Film, number: int, why: str) -> Film:
    """Turn a film by one of the eight turns, saying why."""
    mm = film.mm[::-1] if film.mm and number % 2 else film.mm
    cure, pixels = NAMES[number].partition(" (")[0], turn(film.pixels, number).contiguous()
    return film.step(f"{cure}: {why}", pixels=pixels, mm=mm, axes=None)


def _opposite(film: Film, view: View, trained: View, geometry: Geometry) -> Film:
    """Warn where the source stood on the other side, which a cone beam shows."""
    if apart(view, trained) < SAME:
        return film
    words = f"source at {view.azimuth:g} degrees, read as {trained.azimuth:g} from the other side"
    if geometry.beam == "parallel":
        return film.step(f"{words}: the same for parallel rays")
    axis, shift = geometry.source_axis_mm, HEART_MM
    ratio = (axis + shift) / (axis - shift)
    text = f"{words}: what lies {shift:g} mm off the axis is {ratio:.2f} times as large as trained"
    return film.caution("opposite_view", text, ratio, 1.0)


def _check_no_twins(films: Sequence[Placed]) -> None:
    for a, b in combinations(films, 2):
        if apart(a.view, b.view) < SAME:
            both, angle = f"{a.film.label} and {b.film.label}", f"{b.view.azimuth:g} degrees"
            msg = f"{both} are both given for {angle}; give one film an angle"
            raise DataError(msg, code="two-films-one-angle")


def _list(views: Sequence[View]) -> str:
    return ", ".join(str(replace(view, mirrored=False)) for view in views)
