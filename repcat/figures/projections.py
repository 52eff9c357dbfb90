"""Projections of truth and predictions along the three axes (Figs. 4, 5, 9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from repcat.figures.image_grid import Sheet

Through = Callable[[Tensor, int], Tensor]
WAYS: dict[str, Through] = {
    "mean": lambda volume, axis: volume.mean(dim=axis),
    "max": lambda volume, axis: volume.amax(dim=axis),
}


@dataclass(frozen=True, slots=True)
class Band:
    """Patients of one dataset: their true volumes, and what each model makes of them.

    Volumes (D, H, W) in [0, 1], by patient; predictions by the name of the model, then by patient.
    """

    dataset: str
    truths: Mapping[str, Tensor]
    predictions: Mapping[str, Mapping[str, Tensor]]


def projections(volume: Tensor, way: str = "mean") -> dict[str, Tensor]:
    """Project (D, H, W) along y, x and z, as a radiologist reads it.

    Head or front up. Coronal and axial have the patient's right on the image's left, the sagittal
    one faces left. Parallel rays; 'mean' or 'max' of the values.
    """
    through = WAYS[way]
    return {
        "coronal": through(volume, 1).flip(0),
        "sagittal": through(volume, 2).flip(0),
        "axial": through(volume, 0),
    }


def draw_rows(path: Path, bands: Sequence[Band], way: str = "mean") -> None:
    """Draw Figs. 4 and 5: a row of the truth, a row for each model below it, for each dataset.

    Columns are patients, three projections each. A column's greys are the truth's.
    """
    widest = max(len(band.truths) for band in bands)
    rows = sum(1 + len(band.predictions) for band in bands)
    sheet = Sheet(rows, 3 * widest, f"projections ({way}) of true and predicted CT")
    row = 0
    for band in bands:
        for name, volumes in {"truth": band.truths, **band.predictions}.items():
            sheet.label(row, f"{name}\n{band.dataset}" if name == "truth" else name)
            for place, (patient, truth) in enumerate(band.truths.items()):
                true, seen = projections(truth, way), projections(volumes[patient], way)
                for k, plane in enumerate(true):
                    head = f"{patient}\n{plane}" if k == 0 else plane
                    title = head if name == "truth" else ""
                    sheet.show(row, 3 * place + k, seen[plane], title, like=true[plane])
            row += 1
    sheet.write(path)


def draw_columns(path: Path, band: Band, way: str = "mean") -> None:
    """Draw Fig. 9: the truth and each model side by side, three rows of projections a patient."""
    columns = {"truth": band.truths, **band.predictions}
    sheet = Sheet(3 * len(band.truths), len(columns), f"projections ({way}), {band.dataset}")
    for place, (patient, truth) in enumerate(band.truths.items()):
        true = projections(truth, way)
        for k, plane in enumerate(true):
            row = 3 * place + k
            sheet.label(row, f"{patient}\n{plane}" if k == 0 else plane)
            for column, (name, volumes) in enumerate(columns.items()):
                seen = projections(volumes[patient], way)[plane]
                sheet.show(row, column, seen, name if row == 0 else "", like=true[plane])
    sheet.write(path)
