"""S of Eq. 3: the distance of predictions to truths, map by map of a feature extractor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from repcat_plugins.networks.sinkhorn import Power, sinkhorn_divergence
from repcat_plugins.networks.transport_plan import off_diagonal, transport_plan

Distance = Literal["sinkhorn", "l2"]
Clouds = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class FeatureCost:
    """Compare what `extract` makes of volumes (B, 1, D, H, W): a list of maps (B, C, ...).

    'sinkhorn' sums over maps the divergence of two clouds of B points; with `paired` a patient is a
    cloud of one, and the mean over patients is taken, so that a prediction can go to its own truth
    alone (half the squared distance at p = 2). Not divided by size: at 64^3 the finest map makes up
    about 70 % of it. 'l2' sums the mean squared difference over patients, channels and voxels, as
    the released `activations_difference`. `normalise` divides by the norm over the channels of a
    voxel. All in float64 and outside autocast.
    """

    extract: Callable[[Tensor], list[Tensor]]
    normalise: bool = True
    distance: Distance = "sinkhorn"
    paired: bool = False
    p: Power = 2
    blur: float = 0.05
    scaling: float = 0.95
    debias: bool = True

    def __call__(self, fake: Tensor, truth: Tensor) -> Tensor:
        """Return the cost of predictions against truths."""
        return self.between(self.clouds(fake, truth))

    def clouds(self, fake: Tensor, truth: Tensor) -> Clouds:
        """Return the points that are compared, a pair (B, numbers) for each map."""
        with torch.autocast(fake.device.type, enabled=False):
            with torch.no_grad():
                truths = self.extract(truth.float())
            pairs = zip(self.extract(fake.float()), truths, strict=True)
            return [(self._points(a), self._points(b)) for a, b in pairs]

    def between(self, clouds: Clouds) -> Tensor:
        """Sum the distance over the maps."""
        return torch.stack([self._between(a, b) for a, b in clouds]).sum()

    def moved(self, clouds: Clouds) -> dict[str, float]:
        """Log which share of mass does not go to its own truth, mean over the maps."""
        if self.distance == "l2":
            return {}
        if self.paired or len(clouds[0][0]) == 1:
            return {"off_diagonal": 0.0}
        plan = partial(transport_plan, p=self.p, blur=self.blur, scaling=self.scaling)
        shares = [off_diagonal(plan(a, b)) for a, b in clouds]
        return {"off_diagonal": sum(shares) / len(shares)}

    def _points(self, maps_BCDHW: Tensor) -> Tensor:
        maps_BCDHW = maps_BCDHW.double()
        if self.normalise:
            maps_BCDHW = maps_BCDHW / (maps_BCDHW.norm(dim=1, keepdim=True) + 1e-10)
        return maps_BCDHW.flatten(1)

    def _between(self, a: Tensor, b: Tensor) -> Tensor:
        if self.distance == "l2":
            return (a - b).square().mean()
        if self.paired:  # (B, 1, numbers): B pairs of clouds of one point
            a, b = a.unsqueeze(1), b.unsqueeze(1)
        return sinkhorn_divergence(
            a, b, p=self.p, blur=self.blur, scaling=self.scaling, debias=self.debias
        ).mean()
