"""Types that parts hand to each other: grids, tasks, batches, predictions.

Axes: B patients, N views, D H W = z y x of a volume in LPS (z to the head, y to the back, x to the
patient's left), rows and columns of an X-ray as a radiologist reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from repcat.geometry import Geometry, View


@dataclass(frozen=True, slots=True)
class Grid:
    """Channels and spatial size, batch axis left out.

    The size is (D, H, W) for a volume, (H, W) for an image, () for a point in latent space.
    """

    channels: int
    size: tuple[int, ...]

    def __str__(self) -> str:
        size = " x ".join(map(str, self.size)) or "a point"
        return f"{self.channels} channel{'s' * (self.channels != 1)} of {size}"


@dataclass(frozen=True, slots=True)
class Window:
    """The Hounsfield units that 0 and 1 stand for."""

    low: float = -1000.0
    high: float = 1000.0

    def to_unit(self, hu: Tensor) -> Tensor:
        """Map Hounsfield units to [0, 1], clipping what lies outside."""
        return ((hu.float() - self.low) / (self.high - self.low)).clamp(0, 1)

    def to_hu(self, unit: Tensor) -> Tensor:
        """Map [0, 1] to Hounsfield units; nothing is clipped."""
        return unit.float() * (self.high - self.low) + self.low


@dataclass(frozen=True, slots=True)
class Task:
    """What a part may know before it is built.

    `xray` is the grid of all views, (N, (rows, columns)); `volume` that of the target,
    (1, (D, H, W)).
    """

    views: tuple[View, ...]
    xray: Grid
    volume: Grid
    geometry: Geometry
    window: Window = Window()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient of a dataset, as stored.

    `volume` is (D, H, W) in HU; `integrals` (N, rows, columns), line integrals without a unit;
    `labels` (D, H, W) organ numbers where the dataset knows them; `centre_mm` is where the centre
    of the volume lies in the scanner's LPS coordinates (x, y, z).
    """

    id: str
    volume: Tensor
    integrals: Tensor
    labels: Tensor | None = None
    centre_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Batch:
    """Patients ready for a model.

    `xrays` is (B, N, rows, columns) in [0, 1]; `volume` (B, 1, D, H, W) in [0, 1], NaN everywhere
    where there is no truth (a prediction from X-rays alone).
    """

    ids: tuple[str, ...]
    xrays: Tensor
    views: tuple[View, ...]
    volume: Tensor

    def seen_in(self, numbers: Sequence[int]) -> Batch:
        """Keep the views of these numbers alone."""
        views = tuple(self.views[n] for n in numbers)
        return replace(self, xrays=self.xrays[:, numbers], views=views)

    def to(self, device: str) -> Batch:
        """Move the tensors to a device."""
        xrays, volume = (t.to(device, non_blocking=True) for t in (self.xrays, self.volume))
        return Batch(self.ids, xrays, self.views, volume)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model returns: the volume (B, 1, D, H, W) in [0, 1], and a backbone's branches."""

    volume: Tensor
    branches: Mapping[str, Tensor] = field(default_factory=lambda: MappingProxyType({}))
