"""Resampling of a film to a model's detector: millimetres, aspect, field of view."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.radiographs.exposure import CHEST_FILM
from repcat.radiographs.radiograph import Film

# Sides of a film of a chest in mm: others are a pitch that nobody measured.
SIDES_MM = (100.0, 1000.0)
WORKING = 768  # pixels of the longer side that are enough for any model here


def reduce(film: Film, pixels: int = WORKING) -> Film:
    """Average a large film down to `pixels` on its longer side, pitch and aspect kept."""
    rows, columns = film.pixels.shape
    factor = max(rows, columns) / pixels
    if factor <= 1:
        return film
    size = (max(1, round(rows / factor)), max(1, round(columns / factor)))
    image = _along(_along(film.pixels.T, factor, 1.0, size[1]).T, factor, 1.0, size[0])
    mm = (film.mm[0] * factor, film.mm[1] * factor) if film.mm else None
    return film.step(f"averaged from {rows} x {columns} to {size[0]} x {size[1]} pixels",
                     pixels=image, mm=mm)  # fmt: skip


def check_large_enough(film: Film, geometry: Geometry) -> None:
    """Raise DataError where a film has fewer pixels than the model reads."""
    (rows, columns), need = film.pixels.shape, geometry.pixels
    if rows < need[0] or columns < need[1]:
        msg = (
            f"{film.label}: {rows} x {columns} pixels are fewer than the {need[0]} x {need[1]} "
            "that the model reads; give the film itself, not a thumbnail"
        )
        raise DataError(msg, code="film-too-small")


def scale(film: Film, geometry: Geometry) -> Film:
    """Settle a film's pitch in the plane of the patient: told, from the header, or by its sides.

    A film's own height or pitch is divided by its magnification: of the distances that were told
    of it, else of a chest film. Where nothing believable is known, the longer side is taken for the
    model's whole field of view.
    """
    rows, columns = film.pixels.shape
    if film.height_mm is not None:
        ratio = film.mm[1] / film.mm[0] if film.mm else 1.0
        pitch = film.height_mm / rows
        film = film.step(f"the film is {film.height_mm:g} mm high, as told")
        return _onto_patient(replace(film, mm=(pitch, pitch * ratio)))
    field = _field(geometry)[0] * geometry.pixels[0]
    if film.mm is None:
        longer = "height" if rows >= columns else "width"
        mm = field / max(rows, columns)
        words = f"no pixel spacing: its {longer} is taken for the field of view of {field:.0f} mm"
        return film.step(words, mm=(mm, mm))
    sides = [n * mm for n, mm in zip((rows, columns), film.mm, strict=True)]
    if min(sides) < SIDES_MM[0] or max(sides) > SIDES_MM[1]:
        ratio = film.mm[1] / film.mm[0]
        mm = field / max(rows, columns * ratio)
        words = (
            f"a pixel spacing that makes it {sides[0]:.0f} x {sides[1]:.0f} mm is not believed: "
            f"its longer side is taken for the field of view of {field:.0f} mm"
        )
        return film.step(words, mm=(mm, mm * ratio))
    return _onto_patient(film) if film.at_film else film


def _onto_patient(film: Film) -> Film:
    """Divide a film's own pitch by its magnification, saying which."""
    assert film.mm is not None
    seen = film.exposure or CHEST_FILM
    how = "as told" if film.exposure else "assumed, a chest film's; --source-mm tells"
    mm = (film.mm[0] / seen.magnification, film.mm[1] / seen.magnification)
    words = f"magnification {seen.magnification:.3g}: {seen} ({how})"
    return film.step(words, mm=mm, at_film=False)


def onto_detector(film: Film, geometry: Geometry) -> Tensor:
    """Sample a film on the model's detector (rows, columns), centre on centre.

    Both are compared in the plane of the patient: the detector's pitch is divided by the
    magnification. Pixels are averages over their area; where the film ends, its edge goes on.
    """
    assert film.mm is not None
    pitch, (rows, columns) = _field(geometry), geometry.pixels
    image = _along(film.pixels, film.mm[0], pitch[0], rows, ratio=False)
    return _along(image.T, film.mm[1], pitch[1], columns, ratio=False).T.contiguous()


def _field(geometry: Geometry) -> tuple[float, float]:
    """Return the pitch (rows, columns) of the detector, seen in the plane of the isocentre."""
    rows, columns = geometry.pixel_mm
    return rows / geometry.magnification, columns / geometry.magnification


def _along(image: Tensor, have: float, want: float, count: int, ratio: bool = True) -> Tensor:
    """Resample the rows of (n, m) to `count` cells of pitch `want`; with `ratio`, to n / have."""
    n = len(image)
    have, want = (1.0, n / count) if ratio else (have, want)
    old = (torch.arange(n, dtype=torch.float64) - (n - 1) / 2) * have
    new = (torch.arange(count, dtype=torch.float64) - (count - 1) / 2) * want
    new = new.clamp(float(old[0]), float(old[-1]))
    distance = (new[:, None] - old).abs()
    if want > have:
        weights = ((want + have) / 2 - distance).clamp(0, have)  # overlap of two cells
    else:
        weights = (1 - distance / have).clamp(min=0)
    weights /= weights.sum(dim=1, keepdim=True)
    return weights.float() @ image
