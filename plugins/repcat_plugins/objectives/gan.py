"""Adversarial training: a critic tells predictions from truths, beside a voxel-wise error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import Batch, Model, Objective, Task, Turn, seeded
from repcat_plugins.networks.adversary import Adversary, critic_loss, model_loss, slope_penalty
from repcat_plugins.networks.critic import Critic
from repcat_plugins.networks.frozen import held


class GAN(Objective):
    """Make predictions that a critic takes for truths, near to their own truth.

    L_model = adversarial_weight * A(d(g)) + reconstruction_weight * |g - V|; the critic d is the
    residual one of `sinkhorn_ot` and sees volumes alone, not their X-rays. The default weight of
    the error is pix2pix's (Isola et al. 2017).
    """

    players = ("critic",)

    def __init__(  # noqa: PLR0913  (each one an option of the recipe)
        self,
        task: Task,
        *,
        loss: Annotated[
            Adversary, Doc("how the critic scores: cross-entropy, hinge or least squares")
        ] = "vanilla",
        adversarial_weight: Annotated[
            float, Ge(0), Le(1e9), Doc("weight of the critic's opinion in the model's loss")
        ] = 1.0,
        gradient_penalty: Annotated[
            float,
            Ge(0),
            Le(1e9),
            Doc("gamma of R1: half the squared slope of the critic at true volumes"),
        ] = 0.0,
        reconstruction: Annotated[
            Literal["l1", "l2", "none"],
            Doc("error beside it: mean absolute, mean squared, in units of [0, 1], or none"),
        ] = "l1",
        reconstruction_weight: Annotated[
            float, Ge(0), Le(1e9), Doc("weight of that error")
        ] = 100.0,
        inner_steps: Annotated[
            int,
            Ge(1),
            Le(10_000),
            Doc("turns of the model for each of the critic, as in 'sinkhorn_ot'"),
        ] = 1,
        critic_width: Annotated[
            int, Ge(1), Le(10_000), Doc("channels of the critic's first block")
        ] = 32,
        critic_widest: Annotated[int, Ge(1), Le(10_000), Doc("most channels in the critic")] = 512,
        critic_attention: Annotated[bool, Doc("attention at the end of the critic")] = True,
        critic_checkpointing: Annotated[
            bool, Doc("recompute the critic's activations: less memory, slower")
        ] = False,
    ) -> None:
        super().__init__()
        self.loss, self.reconstruction, self.inner_steps = loss, reconstruction, inner_steps
        self.weights = (adversarial_weight, reconstruction_weight)
        self.gradient_penalty = gradient_penalty
        with seeded(task.seed, "critic"):
            self.critic = Critic(
                task.volume,
                width=critic_width,
                widest=critic_widest,
                attention=critic_attention,
                checkpointing=critic_checkpointing,
            )

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """`inner_steps` turns of the model, each on a new batch, then one of the critic."""
        for _ in range(self.inner_steps):
            batch = next(batches)
            yield self._model_turn(model(batch).volume, batch.volume)
        batch = next(batches)
        with torch.no_grad():
            fake = model(batch).volume
        yield self._critic_turn(fake, batch.volume)

    def _model_turn(self, fake: Tensor, truth: Tensor) -> Turn:
        with held(self.critic):
            adversarial = model_loss(self.loss, self.critic(fake).float())
        logs = {"adversarial": adversarial.detach()}
        total = self.weights[0] * adversarial
        if self.reconstruction != "none":
            distance = F.l1_loss if self.reconstruction == "l1" else F.mse_loss
            error = distance(fake.float(), truth)
            logs["error"] = error.detach()
            total = total + self.weights[1] * error
        return Turn("model", total, logs)

    def _critic_turn(self, fake: Tensor, truth: Tensor) -> Turn:
        on_fake, on_truth = self.critic(torch.cat((fake, truth))).float().chunk(2)
        loss = critic_loss(self.loss, on_fake, on_truth)
        logs = {"gap": (on_truth - on_fake).detach().mean()}
        if self.gradient_penalty:
            penalty = slope_penalty(self.critic, truth)
            logs["slope"] = penalty.detach()
            loss = loss + self.gradient_penalty * penalty
        return Turn("critic", loss, logs)
