"""Player: weights, the optimiser that moves them, and its learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from repcat.config.schema import OptimTable
from repcat.errors import TrainingError
from repcat.training.lr_schedule import rate
from repcat.training.spared_compiler import spare_compiler
from repcat.training.spared_compiler import step as step_optimiser

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
        spare_compiler()
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
        step_optimiser(self.optimiser)

    def _check_number(self, value: Tensor, what: str, step: int) -> None:
        if not torch.isfinite(value).all():
            msg = (
                f"the {what} of player {self.name!r} is {value.item()} in step {step}; the last "
                f"checkpoint is whole: lower objective.optim.{self.name}.lr, set its clip, or use "
                "train.precision = 'fp32', and train into another --out; "
                "docs/messages.md#not-a-number"
            )
            raise TrainingError(msg, code="not-a-number")

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
