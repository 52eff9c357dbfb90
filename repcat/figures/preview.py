"""Preview of a prepared patient: slices and X-rays on one picture."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

from repcat.figures.planes import LUNG_TO_BONE, slices

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from torch import Tensor

    from repcat.data.store.patient_file import Record

COLUMNS = 4


def draw_preview(record: Record, title: str) -> bytes:
    """Draw three slices through the middle of the cube and every view; return a PNG.

    As a radiologist reads them; see `slices`. Each view is bone bright, from 0 to its own largest
    line integral.
    """
    from matplotlib.figure import Figure

    rows = 1 + -(-len(record.views) // COLUMNS)
    figure = Figure(figsize=(2.2 * COLUMNS, 2.4 * rows), dpi=80, facecolor="black")
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    low, high = LUNG_TO_BONE
    for axis, (name, image) in zip(axes, slices(record.volume).items(), strict=False):
        _show(axis, image, name, low, high)
    for axis, view, image in zip(axes[COLUMNS:], record.views, record.integrals, strict=False):
        _show(axis, image, f"azimuth {view}", 0.0, float(image.max()) or 1.0)
    for axis in axes:
        axis.set_axis_off()
    geometry = record.geometry
    words = [title, f"{geometry.voxels[0]} voxels", f"cube {geometry.volume_mm[0]:g} mm",
             f"{geometry.beam} beam", *record.notes, "research use only"]  # fmt: skip
    text = "\n".join(part for word in words for part in textwrap.wrap(word, 44))
    axes[3].text(0, 1, text, color="white", fontsize=6, va="top", parse_math=False)
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.95, 0.03, 0.1)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _show(axis: Axes, image: Tensor, title: str, low: float, high: float) -> None:
    axis.imshow(image.float().numpy(), cmap="gray", vmin=low, vmax=high)
    axis.set_title(title, color="white", fontsize=8, pad=2)
