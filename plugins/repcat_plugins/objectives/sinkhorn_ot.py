"""The paper's rule (Eqs. 2 to 4): Sinkhorn cost of features, against a potential."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Batch, Model, Objective, Task, Turn
from repcat_plugins.networks.critic import Critic
from repcat_plugins.networks.features import FeatureExtractor, Statistics
from repcat_plugins.networks.sinkhorn import Power, sinkhorn_divergence
from repcat_plugins.networks.weights import drawn_from


class SinkhornOT(Objective):
    """Move predictions to truths by optimal transport, with a potential that prices the rest.

    L_model = cost_weight * S(f(g), f(V)) - potential_weight * mean d(g) and L_potential =
    critic_weight * (mean d(g) - mean d(V)); S sums the Sinkhorn divergence over the maps of a
    frozen random network f. Its clouds are the patients of a batch, so it sees sets: which
    prediction belongs to which truth does not enter, except at batch size 1, where it is half the
    squared distance. The released code runs cost_weight = .1, critic_weight = 100, scaling = .5,
    statistics = 'batch'.
    """

    players = ("potential",)
    couples_batch = True

    def __init__(  # noqa: PLR0913  (each one an option of the recipe)
        self,
        task: Task,
        *,
        inner_steps: Annotated[
            int, Ge(1), Doc("turns of the model for each of the potential: k of Sec. 4.1")
        ] = 10,
        cost_weight: Annotated[float, Ge(0), Doc("weight of the Sinkhorn cost")] = 1.0,
        potential_weight: Annotated[
            float, Ge(0), Doc("weight of the potential in the model's loss: lambda of Eq. 3")
        ] = 0.1,
        critic_weight: Annotated[float, Gt(0), Doc("weight of the potential's own loss")] = 1.0,
        blur: Annotated[
            float,
            Gt(0),
            Doc("smallest distance between feature vectors that matters; eps = blur^p"),
        ] = 0.05,
        p: Annotated[Power, Doc("cost of moving mass: distance^p / p")] = 2,
        scaling: Annotated[
            float,
            Gt(0),
            Lt(1),
            Doc("how slowly the blur shrinks to its end; .95 is accurate, .5 as released"),
        ] = 0.95,
        debias: Annotated[bool, Doc("subtract the clouds' own costs, so that S(a, a) = 0")] = True,
        normalise: Annotated[
            bool, Doc("divide features by their norm over the channels of a voxel")
        ] = True,
        statistics: Annotated[
            Statistics,
            Doc("BatchNorm of the extractor: 'frozen', or 'batch' statistics as released"),
        ] = "frozen",
        features: Annotated[
            int, Ge(1), Doc("channels of the extractor's first map; they double three times")
        ] = 16,
        critic_width: Annotated[int, Ge(1), Doc("channels of the potential's first block")] = 32,
        critic_widest: Annotated[int, Ge(1), Doc("most channels in the potential")] = 512,
        critic_attention: Annotated[bool, Doc("attention at the end of the potential")] = True,
    ) -> None:
        super().__init__()
        self.inner_steps = inner_steps
        self.weights = (cost_weight, potential_weight, critic_weight)
        self.normalise = normalise
        self.divergence = partial(
            sinkhorn_divergence, p=p, blur=blur, scaling=scaling, debias=debias
        )
        with drawn_from(task.seed, "features"):
            self.features = FeatureExtractor(task.volume, width=features, statistics=statistics)
        with drawn_from(task.seed, "potential"):
            self.potential = Critic(
                task.volume, width=critic_width, widest=critic_widest, attention=critic_attention
            )

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """`inner_steps` turns of the model, each on a new batch, then one of the potential."""
        for _ in range(self.inner_steps):
            batch = next(batches)
            yield self._model_turn(model(batch).volume, batch.volume)
        batch = next(batches)
        with torch.no_grad():
            fake = model(batch).volume
        yield self._potential_turn(fake, batch.volume)

    def cost(self, fake: Tensor, truth: Tensor) -> Tensor:
        """Return S(f(fake), f(truth)), the sum over the maps of f; float64, outside autocast."""
        with torch.autocast(fake.device.type, enabled=False):
            with torch.no_grad():
                truths = self.features(truth.float())
            pairs = zip(self.features(fake.float()), truths, strict=True)
            return feature_cost(pairs, self.divergence, normalise=self.normalise)

    def _model_turn(self, fake: Tensor, truth: Tensor) -> Turn:
        cost_weight, potential_weight, _ = self.weights
        cost = self.cost(fake, truth)
        with _held(self.potential):
            score = self.potential(fake).float().mean()
        loss = cost_weight * cost - potential_weight * score
        return Turn("model", loss, {"cost": float(cost.detach()), "score": float(score.detach())})

    def _potential_turn(self, fake: Tensor, truth: Tensor) -> Turn:
        on_fake, on_truth = (self.potential(v).float().mean() for v in (fake, truth))
        gap = on_fake - on_truth
        return Turn("potential", self.weights[2] * gap, {"gap": float(gap.detach())})


def feature_cost(
    pairs: Iterable[tuple[Tensor, Tensor]],
    divergence: Callable[[Tensor, Tensor], Tensor],
    *,
    normalise: bool = True,
) -> Tensor:
    """Sum a divergence over pairs of maps (B, C, ...), a cloud of B points each.

    Not divided by size: at 64^3 the finest map makes up about 70 % of it.
    """
    costs = [divergence(_cloud(a, normalise), _cloud(b, normalise)) for a, b in pairs]
    return torch.stack(costs).sum()


def _cloud(maps_BCDHW: Tensor, normalise: bool) -> Tensor:
    maps_BCDHW = maps_BCDHW.double()
    if normalise:
        maps_BCDHW = maps_BCDHW / (maps_BCDHW.norm(dim=1, keepdim=True) + 1e-10)
    return maps_BCDHW.flatten(1)


@contextmanager
def _held(network: nn.Module) -> Iterator[None]:
    """Let gradients pass through a network without collecting any in its weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
