"""Player: weights, the optimiser that moves them, and its learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from repcat.config.schema import OptimTable
from repcat.errors import DivergenceError
from repcat.training.lr_schedule import rate
from repcat.training.spared_compiler import spare_compiler
from repcat.training.spared_compiler import step as step_optimiser

# torch's own, each in one pass over a weight (`fused`: a quarter of the time on a CPU). Muon is not
# among them: it refuses any weight but a matrix, and those of a convolution are none.
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
            fused=True,
            **(plain if table.name == "sgd" else adams),
        )
        self.norm = torch.zeros(())  # of the last turn's gradient, before it is cut
        # the first turn that came to no number: (whether, step, loss, norm of its gradient)
        self._fault: Tensor | None = None

    def minimise(self, loss: Tensor, step: int) -> None:
        """Take one step down the loss; none where it or its gradient is not a number, nor later.

        Which of the two it was stays on the device, so that the host waits for nothing: `check`
        tells. On a CPU, where nothing is waited for, it is asked at once.

        Raises:
            DivergenceError: on a CPU, as `check`.
        """
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward(inputs=self.weights)
        self.norm = self._bounded_norm()
        self._note(loss.detach().float(), self.norm.float(), step)
        for group in self.optimiser.param_groups:
            group["lr"] = self.table.lr * rate(self.table, step, self.steps)
        step_optimiser(self.optimiser)
        if loss.device.type == "cpu":
            self.check()

    def check(self) -> None:
        """Wait for the device, then say whether a turn came to no number.

        Raises:
            DivergenceError: when it did; no weight has moved in that turn, nor since.
        """
        if self._fault is None or not self._fault[0]:
            return
        _, step, loss, norm = self._fault.tolist()
        what, value = ("gradient", norm) if math.isfinite(loss) else ("loss", loss)
        msg = (
            f"the {what} of player {self.name!r} is {value} in step {step:.0f}; the last "
            f"checkpoint is whole: lower objective.optim.{self.name}.lr, set its clip, or use "
            "train.precision = 'fp32', and train into another --out; "
            "docs/messages.md#not-a-number"
        )
        how = {"step": int(step), "player": self.name, "what": what, "value": value}
        raise DivergenceError(msg, code="not-a-number", **how)

    def _bounded_norm(self) -> Tensor:
        """Return the norm of the gradient, which is cut to the recipe's bound where it has one."""
        norm = nn.utils.get_total_norm([w.grad for w in self.weights if w.grad is not None])
        if self.table.clip:
            nn.utils.clip_grads_with_norm_(self.weights, self.table.clip, norm)
        return norm

    def _note(self, loss: Tensor, norm: Tensor, step: int) -> None:
        """Keep the first fault, and have the optimiser leave the weights alone from it on."""
        wrong = ~(loss.isfinite() & norm.isfinite())
        now = torch.stack((wrong.float(), torch.full_like(loss, step), loss, norm.to(loss.device)))
        before = now if self._fault is None else self._fault
        self._fault = torch.where(before[0] > 0, before, now)
        # how torch's optimisers are told by a gradient scaler to skip a step
        self.optimiser.found_inf = self._fault[0]  # type: ignore[attr-defined]

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
