"""A meter: what each player's turns take, in seconds or in operations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Meter:
    """A counter that is read at the end of each turn; what lies between is that turn's."""

    read: Callable[[], float]
    spent: dict[str, float] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    last: float = 0.0
    player: str = ""

    def begin(self) -> None:
        """Let the first turn begin now."""
        self.last = self.read()

    def turn_ends(self, player: str) -> None:
        """Give what was spent since the last turn to this one."""
        now = self.read()
        self.spent[player] = self.spent.get(player, 0.0) + now - self.last
        self.turns[player] = self.turns.get(player, 0) + 1
        self.last, self.player = now, player

    def end(self) -> None:
        """Give what came after the last turn, such as an average of weights, to it too."""
        self.spent[self.player] += self.read() - self.last

    def of_a_turn(self) -> dict[str, float]:
        """Return what a turn of each player took, mean over its turns."""
        return {name: value / self.turns[name] for name, value in self.spent.items()}


@contextmanager
def seconds(finish: Callable[[], None] = lambda: None) -> Iterator[Meter]:
    """Give a meter of seconds; `finish` waits for the device before it is read."""

    def read() -> float:
        finish()
        return time.perf_counter()

    yield Meter(read)


@contextmanager
def gflop() -> Iterator[Meter]:
    """Give a meter of operations in thousand millions, 2 a multiply-add, by torch's own counter.

    It knows convolutions, matrix products and attention, forward and backward, and nothing else:
    norms, activations and optimisers count as none.
    """
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False, custom_mapping=_attention_on_cpu()) as counter:
        yield Meter(lambda: counter.get_total_flops() / 1e9)


def _attention_on_cpu() -> dict[object, Callable[..., int]]:
    """Return the formulas of fused attention for its kernels on a CPU, which torch leaves out."""
    import torch
    from torch.utils.flop_counter import sdpa_backward_flop_count, sdpa_flop_count

    aten = torch.ops.aten

    def forward(q: list[int], k: list[int], v: list[int], *rest: object, **named: object) -> int:
        return int(sdpa_flop_count(q, k, v))

    def backward(
        grad: list[int], q: list[int], k: list[int], v: list[int], *rest: object, **named: object
    ) -> int:
        return int(sdpa_backward_flop_count(grad, q, k, v))

    return {
        aten._scaled_dot_product_flash_attention_for_cpu: forward,
        aten._scaled_dot_product_flash_attention_for_cpu_backward: backward,
    }
