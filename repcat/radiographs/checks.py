"""Checks of a film: turned, of another view, unlike the training, no chest."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from repcat.config.schema import DataTable
from repcat.config.view_rule import counts
from repcat.errors import DataError
from repcat.radiographs.axial_slice import looks_axial
from repcat.radiographs.nearest_view import NEAR
from repcat.radiographs.orientation import NAMES, UPRIGHT, undo
from repcat.radiographs.radiograph import Caution, Film
from repcat.radiographs.training_reference import TrainingReference
from repcat.view import View

# In units of the distance that 1 % of the training X-rays exceed. Trained on phantoms, projections
# of real chests lie at 1.2 to 2.8, a real radiograph at 2.7, a leg at 4.3 (docs/own-xrays.md).
FAR = 1.0
NO_CHEST = 4.0
SLICE = 2.0  # of what has the shape of an axial slice: such slices lie at 1.8 to 3.5
FEW = 30  # training patients below which a guard that says nothing tells little
NEARER = 0.8  # of its own view's distance: a film that near to another view is taken for it


def cautions_of(
    image: Tensor,
    view: View,
    others: Sequence[View],
    reference: TrainingReference,
    oriented: bool = False,
) -> tuple[Caution, ...]:
    """Judge an image (rows, columns) in [0, 1] that is about to be read as a view.

    `others` are the views of the other films. `oriented` says that the film's header told where
    left and the feet are.
    """
    where = f"the X-ray at {view.azimuth:g} degrees"
    off = reference.nearest(view)
    if not off.near:
        text = f"{where} is {off.degrees:g} degrees from any that was trained, too far to judge"
        return (Caution("unjudged", f"{text} how it lies", off.degrees, NEAR),)
    far = reference.distance(image, view)
    if far > NO_CHEST:
        text = f"{where} does not look like a chest: {far:.1f} times as far from the training "
        return (Caution("no_chest", f"{text}X-rays as they stray", far, NO_CHEST),)
    found = []
    if far > FAR:
        text = f"{where} is {far:.1f} times as far from the training X-rays as they stray"
        found.append(Caution("far", f"{text}: expect little of the volume", far, FAR))
    found += _swapped(image, view, others, reference, far) or _turned(
        where, reference.belief(image, view, oriented)
    )
    return tuple(found)


def count_cautions(count: int, data: DataTable) -> tuple[Caution, ...]:
    """Hold the number of X-rays against the numbers that a model of any views was trained with."""
    least, most = counts(data)
    if least <= count <= most:
        return ()
    trained = f"{least} to {most}" if least < most else f"{most}"
    text = f"the model was trained with {trained} X-rays at a time and is given {count}"
    return (Caution("count", text, count, least if count < least else most),)


def few_cautions(reference: TrainingReference) -> tuple[Caution, ...]:
    """Say where the guards know so few X-rays that their silence means little."""
    if not 0 < reference.count < FEW:
        return ()
    text = (
        f"what the warnings know is {reference.count} training patients of {reference.dataset}: "
        "that they say nothing means little"
    )
    return (Caution("few", text, reference.count, FEW),)


def check_no_slice(
    film: Film, image: Tensor, view: View, reference: TrainingReference, accepted: bool = False
) -> Film:
    """Return a film, with a warning where it has the shape of an axial slice and is far, too.

    Raises:
        DataError: where it has, and was not `accepted` as an X-ray.
    """
    if not reference.nearest(view).near:
        return film
    far = reference.distance(image, view)
    if far <= SLICE or not looks_axial(film.pixels):
        return film
    why = (
        f"an axial CT slice, by its round body with air on all sides and its distance of {far:.1f} "
        "from the training X-rays"
    )
    if accepted:
        return film.caution(
            "axial_slice", f"{film.label} looks like {why}; taken as told", far, SLICE
        )
    msg = (
        f"{film.label}: {why}; give a radiograph (`repcat prepare` projects CT); if it is one, "
        "--accept axial-slice takes it"
    )
    raise DataError(msg, code="axial-slice")


def _turned(where: str, belief: Tensor) -> list[Caution]:
    best = int(belief.argmax())
    if best == UPRIGHT:
        return []
    given, other = float(belief[UPRIGHT]), float(belief[best])
    text = f"{where} looks {NAMES[undo(best)]} ({other:.0%} against {given:.0%} as given)"
    return [Caution("orientation", f"{text}; --turn auto turns it back", given, other)]


def _swapped(
    image: Tensor, view: View, others: Sequence[View], reference: TrainingReference, far: float
) -> list[Caution]:
    """Whether the image is much nearer to another view's X-rays."""
    distances = [reference.distance(image, other) for other in others]
    if far <= FAR or not others or min(distances) > NEARER * far:
        return []
    given, like = view.azimuth, others[distances.index(min(distances))].azimuth
    text = f"the X-ray given at {given:g} degrees looks like one at {like:g}: are files swapped?"
    return [Caution("view", text, min(distances) / far, NEARER)]
