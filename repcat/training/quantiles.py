"""Quantiles: the pinball loss of two more volumes, beside whatever loss an objective has.

A lower and an upper volume are learnt with the volume itself, in the same turns of the model. What
the objective yields stays as it is, so any objective will do, and those who wrote it need not know.
The volume's own loss is what it was; what all three share of the network serves all three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from repcat.contracts import Model, Objective, Turn
from repcat.models.network import BOUNDS
from repcat.types import Batch, Prediction

Levels = tuple[float, float]


def pinball(estimate: Tensor, truth: Tensor, level: float) -> Tensor:
    """Return the mean of max(level e, (level - 1) e), where e is the truth minus the estimate.

    Its minimum is at the quantile of that level (Koenker and Bassett 1978).
    """
    error = truth - estimate
    return torch.maximum(level * error, (level - 1) * error).mean()


def with_quantiles(
    objective: Objective, model: Model, batches: Iterator[Batch], levels: Levels
) -> Iterator[Turn]:
    """Yield an objective's turns of one step, those of the model with the pinball loss added.

    It is in units of [0, 1], the sum of both levels', of the predictions that the turn was made of.
    """
    seen = Seen(model, levels)
    for turn in objective.turns(seen, batches):
        loss = seen.loss()
        if turn.player == "model" and loss is not None:
            logs = {**turn.logs, "pinball": loss.detach()}
            yield replace(turn, loss=turn.loss + loss, logs=logs)
        else:
            yield turn


class Seen:
    """A model that remembers what it predicted with a gradient, till its loss is asked for."""

    def __init__(self, model: Model, levels: Levels) -> None:
        self._model, self._levels = model, levels
        self._kept: list[tuple[Prediction, Batch]] = []

    def __call__(self, batch: Batch) -> Prediction:
        """Predict the volumes of a batch."""
        found = self._model(batch)
        if torch.is_grad_enabled():
            self._kept.append((found, batch))
        return found

    def loss(self) -> Tensor | None:
        """Return the mean loss of what was predicted since it was last asked for; None: nothing."""
        kept, self._kept = self._kept, []
        losses = [_loss(*one, self._levels) for one in kept]
        return torch.stack(losses).mean() if losses else None


def _loss(found: Prediction, batch: Batch, levels: Levels) -> Tensor:
    pairs = zip(BOUNDS, levels, strict=True)
    losses = [pinball(found.branches[b].float(), batch.volume, level) for b, level in pairs]
    return torch.stack(losses).sum()
