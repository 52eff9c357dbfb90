"""A player: weights, the optimiser that moves them, and its learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from repcat.config.schema import OptimTable
from repcat.errors import TrainingError

# torch's own. torch.optim.Muon is not among them: it refuses any weight but a matrix, and those of
# a convolution are none.
OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adamw": torch.optim.AdamW,
    "adam": torch.optim.Adam,
    "sgd": torch.optim.SGD,
}


class Player:
    """Lower losses over one module's weights, and over nothing else."""

    def __init__(self, name: str, module: nn.Module, table: OptimTable, steps: int) -> None:
        self.name, self.table, self.steps = name, table, steps
        named = [(n, p) for n, p in module.named_parameters() if p.requires_grad]
        self.names, self.weights = [n for n, _ in named], [p for _, p in named]
        plain, adams = {"momentum": table.betas[0]}, {"betas": table.betas, "eps": table.eps}
        self.optimiser = OPTIMISERS[table.name](
            self.weights or [nn.Parameter(torch.zeros(0))],
            lr=table.lr,
            weight_decay=table.weight_decay,
            **(plain if table.name == "sgd" else adams),
        )

    def minimise(self, loss: Tensor, step: int) -> None:
        """Take one step down the loss.

        Raises:
            TrainingError: when the loss or its gradient is not a number; no weight has moved then.
        """
        self._check_number(loss.detach(), "loss", step)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward(inputs=self.weights)
        bound = self.table.clip or math.inf
        norm = nn.utils.clip_grad_norm_(self.weights, bound)
        self._check_number(norm, "gradient", step)
        for group in self.optimiser.param_groups:
            group["lr"] = self.table.lr * rate(self.table, step, self.steps)
        self.optimiser.step()

    def _check_number(self, value: Tensor, what: str, step: int) -> None:
        if not torch.isfinite(value).all():
            msg = (
                f"the {what} of player {self.name!r} is {value.item()} in step {step}; the last "
                f"checkpoint is whole: lower objective.optim.{self.name}.lr, set its clip, or use "
                "train.precision = 'fp32', and train into another --out; "
                "docs/messages.md#not-a-number"
            )
            raise TrainingError(msg)

    def state(self) -> dict[str, Tensor]:
        """Return the optimiser's moments as `weight/moment` tensors."""
        found = {}
        for name, weight in zip(self.names, self.weights, strict=True):
            for key, value in self.optimiser.state.get(weight, {}).items():
                found[f"{name}/{key}"] = value
        return found

    def load(self, state: dict[str, Tensor]) -> None:
        """Take moments back; a weight without any starts afresh, as it did."""
        index = {name: n for n, name in enumerate(self.names)}
        table: dict[int, dict[str, Tensor]] = {}
        for key, value in state.items():
            name, _, moment = key.rpartition("/")
            if value.dim() and value.shape != self.weights[index[name]].shape:
                msg = f"the moments of {name} are another network's"
                raise ValueError(msg)
            table.setdefault(index[name], {})[moment] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": table, "param_groups": groups})


def rate(table: OptimTable, step: int, steps: int) -> float:
    """Return the share of the learning rate that holds in a step.

    Linear with decay_from = 1500, decay_to = 5001, idle_first is the released schedule:
    0 at step 0, 1 to step 1500, then 1 - (s - 1500) / 3501.
    """
    if table.idle_first and step == 0:
        return 0.0
    if step < table.warmup:
        return (step + 1) / table.warmup
    end = table.decay_to or steps
    if table.schedule == "constant" or step <= table.decay_from or end <= table.decay_from:
        return 1.0
    done = min(1.0, (step - table.decay_from) / (end - table.decay_from))
    fall = done if table.schedule == "linear" else (1 - math.cos(math.pi * done)) / 2
    return 1 - (1 - table.final_lr) * fall
