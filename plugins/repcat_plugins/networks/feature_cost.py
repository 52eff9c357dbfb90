"""S of Eq. 3: the distance of predictions to truths, map by map of a feature extractor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from repcat_plugins.networks.annealing import Power
from repcat_plugins.networks.sinkhorn import anneal, sinkhorn_divergence

Distance = Literal["sinkhorn", "l2"]
# what `Turn.logs` may hold
Log = float | Tensor | Callable[[], float | Tensor]


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
        return self.compare(fake, truth)[0]

    def compare(self, fake: Tensor, truth: Tensor) -> tuple[Tensor, Mapping[str, Log]]:
        """Return the cost, and to log the share of mass that goes to another's truth."""
        clouds = self._clouds(fake, truth)
        if self.distance == "l2":
            return torch.stack([(a - b).square().mean() for a, b in clouds]).sum(), {}
        if self.paired or fake.shape[0] == 1:  # B pairs of clouds of one point, (B, 1, numbers)
            costs = [self._single(a.unsqueeze(1), b.unsqueeze(1)) for a, b in clouds]
            return torch.stack(costs).sum(), {"off_diagonal": 0.0}
        transport = anneal(clouds, p=self.p, blur=self.blur, scaling=self.scaling)
        cost = transport.divergences(debias=self.debias).sum()
        return cost, {"off_diagonal": transport.off_diagonal}

    def _clouds(self, fake: Tensor, truth: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return the points that are compared, a pair (B, numbers) for each map."""
        with torch.autocast(fake.device.type, enabled=False):
            with torch.no_grad():
                truths = self.extract(truth.float())
            pairs = zip(self.extract(fake.float()), truths, strict=True)
            return [(self._points(a), self._points(b)) for a, b in pairs]

    def _points(self, maps_BCDHW: Tensor) -> Tensor:
        maps_BCDHW = maps_BCDHW.double()
        if self.normalise:
            maps_BCDHW = maps_BCDHW / (maps_BCDHW.norm(dim=1, keepdim=True) + 1e-10)
        return maps_BCDHW.flatten(1)

    def _single(self, a: Tensor, b: Tensor) -> Tensor:
        return sinkhorn_divergence(a, b, p=self.p, debias=self.debias).mean()
