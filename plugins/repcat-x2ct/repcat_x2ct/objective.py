"""The training rule: least-squares GAN, voxels and projections; without the GAN, X2CT-CNN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import Batch, Model, Objective, Prediction, Task, Turn, seeded
from repcat_x2ct.critic import PatchCritic, held
from repcat_x2ct.generator import BRANCHES
from repcat_x2ct.losses import projection_error, to_fake, to_real
from repcat_x2ct.planes import plane_of, repeated


class X2CTGAN(Objective):
    """X2CT-GAN's losses (Ying et al. 2019): a turn of the model, then one of its critic.

    L_model = .1 |d(g) - 1|^2 + 10 |g - V|^2 + 10 L1 of the projections along z, y and x;
    L_critic = .1 (|d(V) - 1|^2 + |d(g)|^2), on the same g as the model's turn. The critic sees
    the volume beside its X-rays, each repeated along its ray.
    """

    def __init__(
        self,
        task: Task,
        *,
        gan: Annotated[bool, Doc("train against a critic; false: X2CT-CNN, no critic")] = True,
        adversarial_weight: Annotated[
            float,
            Ge(0),
            Le(1e9),
            Doc("weight of the critic's opinion in the model's loss; 0: no critic"),
        ] = 0.1,
        voxel_weight: Annotated[
            float,
            Ge(0),
            Le(1e9),
            Doc("weight of the mean squared error, in units of [0, 1] squared"),
        ] = 10.0,
        projection_weight: Annotated[
            float, Ge(0), Le(1e9), Doc("weight of the projections' mean absolute error, in [0, 1]")
        ] = 10.0,
        critic_weight: Annotated[
            float, Ge(0), Le(1e9), Doc("weight of the critic's own loss, which is not halved")
        ] = 0.1,
        branch_weight: Annotated[
            float,
            Ge(0),
            Le(1e9),
            Doc("weight of the mean squared error of each view's own volume; published: 0"),
        ] = 0.0,
        critic_width: Annotated[
            int, Ge(1), Le(10_000), Doc("channels of the critic's first map")
        ] = 64,
    ) -> None:
        super().__init__()
        self.adversarial_weight, self.critic_weight = adversarial_weight, critic_weight
        self.voxel_weight, self.projection_weight = voxel_weight, projection_weight
        self.branch_weight = branch_weight
        self.branches = frozenset(BRANCHES if branch_weight else ())
        if gan and adversarial_weight:
            self.players = ("critic",)
            self.planes = [plane_of(view) for view in task.views]
            with seeded(task.seed, "critic"):
                self.critic = PatchCritic(len(task.views) + 1, critic_width)

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """One turn of the model; then, if there is a critic, its turn on the same volumes."""
        batch = next(batches)
        prediction = model(batch)
        # cut off here: the trainer has used up the graph when the critic's turn comes
        fake = prediction.volume.detach()
        yield self._model_turn(prediction, batch)
        if self.players:
            yield self._critic_turn(fake, batch)

    def seen(self, batch: Batch, volume: Tensor) -> Tensor:
        """Return what the critic sees: X-rays along their rays, and the volume, as channels."""
        images = zip(self.planes, batch.xrays.unbind(dim=1), strict=True)
        condition = [repeated(plane.of(image).unsqueeze(1), plane.ray) for plane, image in images]
        return torch.cat([*condition, volume], dim=1)

    def _model_turn(self, prediction: Prediction, batch: Batch) -> Turn:
        fake = prediction.volume
        voxels = F.mse_loss(fake.float(), batch.volume)
        projections = projection_error(fake, batch.volume)
        logs = {"mse": voxels.detach(), "projection": projections.detach()}
        loss = self.voxel_weight * voxels + self.projection_weight * projections
        for name in sorted(self.branches):
            error = F.mse_loss(prediction.branches[name].float(), batch.volume)
            loss = loss + self.branch_weight * error
        if self.players:
            with held(self.critic):
                opinion = to_real(self.critic(self.seen(batch, fake)))
            logs["adversarial"] = opinion.detach()
            loss = loss + self.adversarial_weight * opinion
        return Turn("model", loss, logs)

    def _critic_turn(self, fake: Tensor, batch: Batch) -> Turn:
        on_truth = self.critic(self.seen(batch, batch.volume))
        on_fake = self.critic(self.seen(batch, fake))
        gap = (on_truth.float().mean() - on_fake.float().mean()).detach()
        loss = self.critic_weight * (to_real(on_truth) + to_fake(on_fake))
        return Turn("critic", loss, {"gap": gap})
