"""Types that parts hand to each other: grids, tasks, batches, predictions.

Axes: B patients, N views, D H W = z y x of a volume in LPS (z to the head, y to the back, x to the
patient's left), rows and columns of an X-ray as a radiologist reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import torch

from repcat.errors import PartError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor

    from repcat.geometry import Geometry
    from repcat.view import View


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

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g} HU"

    def to_unit(self, hu: Tensor) -> Tensor:
        """Map Hounsfield units to [0, 1], clipping what lies outside."""
        return ((hu.float() - self.low) / (self.high - self.low)).clamp(0, 1)

    def to_hu(self, unit: Tensor) -> Tensor:
        """Map [0, 1] to Hounsfield units; nothing is clipped."""
        return unit.float() * (self.high - self.low) + self.low


class Projector(Protocol):
    """A maker of X-rays. Its factory is built as `projector(**options)`."""

    def __call__(self, mu: Tensor, geometry: Geometry, views: tuple[View, ...]) -> Tensor:
        """Integrate attenuation (D, H, W) in 1/mm along each ray: (N, rows, columns), no unit."""
        ...


def cannot_project(why: str) -> Callable[..., Tensor]:
    """Stand for a step of projection that a task has not."""

    def refuse(*given: object) -> Tensor:
        msg = f"X-rays of a volume cannot be made here: {why}"
        raise PartError(msg, code="cannot-project")

    return refuse


UNTOLD = cannot_project("the task was built without a projector")


@dataclass(frozen=True, slots=True)
class Task:
    """What a part may know before it is built, and the physics that makes X-rays of a volume.

    `xray` is the grid of all views, (N, (rows, columns)); `volume` that of the target,
    (1, (D, H, W)). The X-rays of a volume are `task.to_xray(task.project(task.to_mu(volume)))`.

    `attenuate` turns HU into attenuation in 1/mm as the dataset does (air: 0, with no gradient);
    `to_xray` line integrals (..., rows, columns) into the [0, 1] that a model reads, by [data].
    """

    views: tuple[View, ...]
    xray: Grid
    volume: Grid
    geometry: Geometry
    window: Window = Window()
    seed: int = 0
    projector: Projector = UNTOLD
    attenuate: Callable[[Tensor], Tensor] = UNTOLD
    to_xray: Callable[[Tensor], Tensor] = UNTOLD

    def to_mu(self, volume: Tensor) -> Tensor:
        """Turn volumes in [0, 1], of any shape, into attenuation in 1/mm."""
        return self.attenuate(self.window.to_hu(volume))

    def project(
        self, mu: Tensor, views: tuple[View, ...] = (), geometry: Geometry | None = None
    ) -> Tensor:
        """Integrate attenuation (B, D, H, W) or (B, 1, D, H, W) in 1/mm: (B, N, rows, columns).

        By the recipe's projector, a patient at a time, never under autocast; in the task's views
        and geometry unless others are given. PartError where no gradient would come back.
        """
        scene, seen = geometry or self.geometry, views or self.views
        with torch.autocast(mu.device.type, enabled=False):
            volumes = mu.reshape(-1, *scene.voxels)
            integrals = torch.stack([self.projector(one, scene, seen) for one in volumes])
        if mu.requires_grad and torch.is_grad_enabled() and not integrals.requires_grad:
            msg = "the recipe's projector passes no gradient; choose another data.projector"
            raise PartError(msg, code="cannot-project")
        return integrals

    def check_scene(self, part: str) -> None:
        """Raise PartError unless the geometry is the data's, each source outside the volume."""
        scene, asked = self.geometry, (self.volume.size, self.xray.size)
        if (scene.voxels, scene.pixels) != asked:
            msg = (
                f"{part} was given a geometry of {scene.voxels} voxels and {scene.pixels} pixels "
                f"for a volume of {asked[0]} and images of {asked[1]}; the dataset must state the "
                "geometry of what it gives (Geometry.resized)"
            )
            raise PartError(msg, code="other-geometry")
        for view in self.views:
            scene.check_source(view, part)


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
