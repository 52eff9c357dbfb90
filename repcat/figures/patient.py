"""Patient figure: X-rays above, the middle slices of volumes below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from repcat.figures.planes import LUNG_TO_BONE, slices
from repcat.io.atomic import atomic_file
from repcat.io.notice import SYNTHETIC


def draw_patient(
    path: Path,
    xrays_NHW: Tensor,
    volumes: Mapping[str, Tensor],
    *,
    title: str,
    views: Sequence[str],
) -> None:
    """Draw the X-rays and, a row a volume (D, H, W) in HU, its three middle slices.

    Both as a radiologist reads them; see `slices`. `views` are the azimuths of the X-rays.
    """
    axes, figure = _panels(1 + len(volumes), max(3, len(xrays_NHW)), title)
    for place, (image, view) in enumerate(zip(xrays_NHW, views, strict=True)):
        _show(axes[0][place], image.numpy(), f"X-ray, azimuth {view}", None)
    for row, (name, volume) in enumerate(volumes.items(), start=1):
        for place, (plane, image) in enumerate(slices(volume).items()):
            _show(axes[row][place], image.numpy(), f"{name}, {plane}", LUNG_TO_BONE)
    _write(figure, path)


def _panels(rows: int, columns: int, title: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    width, height = 2.4 * columns, 2.4 * rows + 0.6
    figure = Figure(figsize=(width, height))
    # in inches: 0.04 around all panels, 0.22 above each for its title, 0.08 between columns
    margins = {"left": 0.04 / width, "right": 1 - 0.04 / width}
    margins |= {"bottom": 0.04 / height, "top": 1 - 0.64 / height}
    gaps = {"wspace": 0.08 / 2.3, "hspace": 0.24 / 2.15}
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=margins | gaps)
    for axis in axes.flat:
        axis.axis("off")
    figure.suptitle(f"{title}\n{SYNTHETIC}", y=1 - 0.06 / height, fontsize=9)
    return axes, figure


def _show(axis: Any, image: Any, title: str, window: tuple[float, float] | None) -> None:  # noqa: ANN401
    low, high = window or (float(image.min()), float(image.max()))
    axis.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axis.set_title(title, y=1.0, fontsize=8)


def _write(figure: Any, path: Path) -> None:  # noqa: ANN401  (matplotlib has no types)
    with atomic_file(path) as file:
        figure.savefig(file, dpi=110, format="png", metadata={"Description": SYNTHETIC})
