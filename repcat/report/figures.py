"""Pictures of patients and of training, drawn by matplotlib without a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from repcat.files import whole_file
from repcat.report.slices import LUNG_TO_BONE, slices

NOTE = "synthetic, research use only"


def patient(
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


def curves(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Draw every logged loss and score against the step."""
    names: dict[str, list[tuple[int, float]]] = {}
    for record in records:
        for name, value in record.items():
            if name not in ("step", "seconds", "samples_per_s", "memory_gb"):
                names.setdefault(name, []).append((record["step"], value))
    axes, figure = _panels(1, max(1, len(names)), "training", size=3.2)
    for axis, (name, points) in zip(axes[0], names.items(), strict=False):
        axis.axis("on")
        axis.plot(*zip(*points, strict=True), lw=1)
        if all(value > 0 for _, value in points) and not name.startswith("validation"):
            axis.set_yscale("log")
        axis.set_title(name.replace("_", " "), fontsize=9)
        axis.set_xlabel("step", fontsize=8)
        axis.tick_params(labelsize=7)
    _write(figure, path)


def _panels(rows: int, columns: int, title: str, size: float = 2.4) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size * columns, size * rows + 0.6), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    figure.suptitle(f"{title}\n{NOTE}", fontsize=9)
    return axes, figure


def _show(axis: Any, image: Any, title: str, window: tuple[float, float] | None) -> None:  # noqa: ANN401
    low, high = window or (float(image.min()), float(image.max()))
    axis.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axis.set_title(title, fontsize=8)


def _write(figure: Any, path: Path) -> None:  # noqa: ANN401  (matplotlib has no types)
    with whole_file(path) as file:
        figure.savefig(file, dpi=110, format="png", metadata={"Description": NOTE})
