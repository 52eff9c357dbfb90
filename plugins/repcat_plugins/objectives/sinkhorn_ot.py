"""The paper's rule (Eqs. 2 to 4): Sinkhorn cost of features, against a potential."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor
from typing_extensions import Doc

from repcat import Batch, Fault, Model, Objective, PartError, Task, Turn, seeded
from repcat_plugins.networks.adversary import lipschitz_penalty as off_slope
from repcat_plugins.networks.adversary import slope_penalty
from repcat_plugins.networks.annealing import Power
from repcat_plugins.networks.critic import Critic
from repcat_plugins.networks.feature_cost import Distance, FeatureCost, Log
from repcat_plugins.networks.features import FeatureExtractor, Statistics
from repcat_plugins.networks.frozen import held
from repcat_plugins.networks.pull import Pull


def _runaway(numbers: Mapping[str, float]) -> str:
    cost, score = numbers.get("cost_pull", 0.0), numbers.get("score_pull", 0.0)
    if score <= cost:
        return ""
    return (
        f"the potential runs away: it pulls {score / max(cost, 1e-30):.3g} times as hard on the "
        f"predictions as the cost, with scores about {numbers.get('score', 0.0):.3g}"
    )


class SinkhornOT(Objective):
    """Move predictions to truths by optimal transport, with a potential that prices the rest.

    L_model = cost_weight * S(f(g), f(V)) - potential_weight * mean d(g) and L_potential =
    critic_weight * (mean d(g) - mean d(V)); S sums the Sinkhorn divergence over the maps of a
    frozen random network f. Its clouds are the patients of a batch, so it sees sets: which
    prediction belongs to which truth does not enter, except at batch size 1 or with `paired`, where
    it is half the squared distance. What transport changes is logged as `off_diagonal`: the share
    of mass that does not go from a prediction to its own truth, mean over maps; `cost_pull` and
    `score_pull` are the norms of what either term does to the predictions. The released code runs
    cost_weight = .1, critic_weight = 100, scaling = .5, statistics = 'batch', and its potential has
    no bound: gradient_penalty, lipschitz_penalty, spectral_norm, weight_clip, score_bound are some.
    """

    players: tuple[str, ...] = ("potential",)
    faults = (
        Fault(
            "runaway",
            _runaway,
            "objective.gradient_penalty = 1, objective.spectral_norm = true or a lower "
            "objective.potential_weight",
        ),
    )
    cures = MappingProxyType({"grey-scale": "objective.normalise = false or a higher optim.lr"})
    features: FeatureExtractor | None
    potential: Critic | None

    def __init__(  # noqa: PLR0913  (each one an option of the recipe)
        self,
        task: Task,
        *,
        inner_steps: Annotated[
            int,
            Ge(1),
            Le(10_000),
            Doc("turns of the model for each of the potential: k of Sec. 4.1"),
        ] = 10,
        cost_weight: Annotated[float, Ge(0), Le(1e9), Doc("weight of the cost S")] = 1.0,
        distance: Annotated[
            Distance,
            Doc("'l2': the mean squared difference of the features of a patient, no transport"),
        ] = "sinkhorn",
        paired: Annotated[
            bool,
            Doc("each prediction goes to its own truth: the mean over clouds of one patient each"),
        ] = False,
        blur: Annotated[
            float,
            Ge(1e-6),
            Le(1e6),
            Doc("smallest distance between feature vectors that matters; eps = blur^p"),
        ] = 0.05,
        p: Annotated[Power, Doc("cost of moving mass: distance^p / p")] = 2,
        scaling: Annotated[
            float,
            Gt(0),
            Le(0.999),
            Doc("how slowly the blur shrinks to its end; .95 is accurate, .5 as released"),
        ] = 0.95,
        debias: Annotated[bool, Doc("subtract the clouds' own costs, so that S(a, a) = 0")] = True,
        extractor: Annotated[
            bool, Doc("compare features f; false: the volumes themselves, in data space")
        ] = True,
        normalise: Annotated[
            bool, Doc("divide features by their norm over the channels of a voxel")
        ] = True,
        statistics: Annotated[
            Statistics,
            Doc("norms of the extractor: 'frozen', 'instance', or 'batch' statistics as released"),
        ] = "frozen",
        features: Annotated[
            int,
            Ge(1),
            Le(10_000),
            Doc("channels of the extractor's first map; they double three times"),
        ] = 16,
        potential: Annotated[bool, Doc("false: no potential d, turns of the model alone")] = True,
        potential_weight: Annotated[
            float,
            Ge(0),
            Le(1e9),
            Doc("weight of the potential in the model's loss: lambda of Eq. 3"),
        ] = 0.1,
        critic_weight: Annotated[
            float, Gt(0), Le(1e9), Doc("weight of the potential's own loss")
        ] = 1.0,
        critic_width: Annotated[
            int, Ge(1), Le(10_000), Doc("channels of the potential's first block")
        ] = 32,
        critic_widest: Annotated[
            int, Ge(1), Le(10_000), Doc("most channels in the potential")
        ] = 512,
        critic_attention: Annotated[bool, Doc("attention at the end of the potential")] = True,
        critic_checkpointing: Annotated[
            bool, Doc("recompute the potential's activations: less memory, slower")
        ] = False,
        gradient_penalty: Annotated[
            float,
            Ge(0),
            Le(1e9),
            Doc("gamma of R1: half the squared slope of the potential at true volumes"),
        ] = 0.0,
        lipschitz_penalty: Annotated[
            float,
            Ge(0),
            Le(1e9),
            Doc("weight of (slope - 1)^2 between predictions and truths: WGAN-GP"),
        ] = 0.0,
        spectral_norm: Annotated[
            bool, Doc("divide each layer of the potential by its largest singular value")
        ] = False,
        weight_clip: Annotated[
            float, Ge(0), Le(1e9), Doc("largest weight of the potential, as WGAN; 0: not clipped")
        ] = 0.0,
        score_bound: Annotated[
            float, Ge(0), Le(1e9), Doc("largest score b, as b tanh(score / b); 0: no bound")
        ] = 0.0,
    ) -> None:
        super().__init__()
        if not potential and not cost_weight:
            msg = (
                "objective 'sinkhorn_ot' has no potential and a cost_weight of 0: nothing to lower"
            )
            raise PartError(msg, code="nothing-to-lower")
        self.inner_steps = inner_steps
        self.weights = (cost_weight, potential_weight, critic_weight)
        self.penalties, self.weight_clip = (gradient_penalty, lipschitz_penalty), weight_clip
        self.features = self.potential = None
        if extractor:
            with seeded(task.seed, "features"):
                self.features = FeatureExtractor(task.volume, width=features, statistics=statistics)
        if potential:
            with seeded(task.seed, "potential"):
                self.potential = Critic(
                    task.volume,
                    width=critic_width,
                    widest=critic_widest,
                    attention=critic_attention,
                    checkpointing=critic_checkpointing,
                    spectral_norm=spectral_norm,
                    score_bound=score_bound,
                )
        self.players = ("potential",) if potential else ()
        self.cost = FeatureCost(
            self.features or _volume_alone,
            # a volume has one channel: its norm would leave nothing but the sign
            normalise=normalise and extractor,
            distance=distance,
            paired=paired,
            p=p,
            blur=blur,
            scaling=scaling,
            debias=debias,
        )
        one_plan, one_norm = distance == "sinkhorn" and not paired, statistics == "batch"
        self.couples_batch = one_plan or (extractor and one_norm)

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """`inner_steps` turns of the model, each on a new batch, then one of the potential."""
        for _ in range(self.inner_steps):
            batch = next(batches)
            yield self._model_turn(model(batch).volume, batch.volume)
        if self.potential is not None:
            batch = next(batches)
            with torch.no_grad():
                fake = model(batch).volume
            yield self._potential_turn(self.potential, fake, batch.volume)
            if self.weight_clip:
                _clip(self.potential, self.weight_clip)

    def _model_turn(self, fake: Tensor, truth: Tensor) -> Turn:
        pull = Pull(fake)
        cost, moved = self.cost.compare(pull.of("cost"), truth)
        loss = self.weights[0] * cost
        logs: dict[str, Log] = {"cost": cost.detach(), **moved}
        if self.potential is not None:
            with held(self.potential):
                score = self.potential(pull.of("score")).float().mean()
            loss = loss - self.weights[1] * score
            logs["score"] = score.detach()
        return Turn("model", loss, logs | pull.norms())

    def _potential_turn(self, potential: Critic, fake: Tensor, truth: Tensor) -> Turn:
        on_fake, on_truth = potential(torch.cat((fake, truth))).float().chunk(2)
        gap = on_fake.mean() - on_truth.mean()
        loss, logs = self.weights[2] * gap, {"gap": gap.detach()}
        gamma, weight = self.penalties
        if gamma:
            logs["slope"] = (penalty := slope_penalty(potential, truth)).detach()
            loss = loss + gamma * penalty
        if weight:
            logs["off_slope"] = (penalty := off_slope(potential, fake, truth)).detach()
            loss = loss + weight * penalty
        return Turn("potential", loss, logs)


@torch.no_grad()
def _clip(potential: Critic, most: float) -> None:
    """Bring every weight of a potential into [-most, most] (Arjovsky et al. 2017)."""
    for weight in potential.parameters():
        weight.clamp_(-most, most)


def _volume_alone(volume: Tensor) -> list[Tensor]:
    return [volume]
