"""Cases of `repcat bench train --against paper`: a recipe, its size, and who runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repcat.errors import RepcatError
from repcat.registry.options import nearest

PAPER, FP32, BF16 = "paper", "fp32", "bf16"
SYSTEM_FP32 = "fp32, system's allocator"
PHANTOMS = 'data = {{use = "phantoms", size = {size}, train = 4, validation = 1, test = 1}}'


@dataclass(frozen=True, slots=True)
class Case:
    """A row: which recipe, with what changed, how many turns a step has, and the sides in turn.

    `inner_steps` turns of the model go with one of the critic; 0: the recipe's step has turns of
    the model alone. The first side is the one that the others are compared with.
    """

    name: str
    recipe: str
    settings: tuple[str, ...]
    inner_steps: int = 10
    sides: tuple[str, ...] = (PAPER, FP32, BF16)
    batch: int = 1

    def settings_of(self, side: str, batch: int = 0) -> tuple[str, ...]:
        """Return the lines that change the recipe for a side; `batch` 0 is the case's own."""
        precision = BF16 if side == BF16 else FP32
        one_turn = ("objective.inner_steps = 1",) if self.inner_steps else ()
        size = f"train.batch_size = {batch or self.batch}"
        return (*self.settings, *one_turn, size, f'train.precision = "{precision}"')

    def step(self, turns: dict[str, float]) -> float:
        """Sum what a step takes of what one turn of each player takes, seconds or operations."""
        return sum(
            each * (self.inner_steps or 1) if player == "model" else each
            for player, each in turns.items()
        )


def _ot(name: str, backbone: str) -> Case:
    return Case(name, "swin_ot", (PHANTOMS.format(size=64), f"backbone = {backbone}"))


CASES = {
    case.name: case
    for case in (
        _ot("swin48", '{use = "swin_unetr", feature_size = 48}'),
        _ot("swin12", '{use = "swin_unetr", feature_size = 12}'),
        _ot("unet3d", '{use = "unet3d"}'),
        Case(
            "quickstart",
            "quickstart",
            (PHANTOMS.format(size=48),),
            inner_steps=0,
            sides=(SYSTEM_FP32, FP32, BF16),
            batch=2,
        ),
    )
}


def chosen(names: str = "") -> list[Case]:
    """Return the cases named in a list with commas; all of them where it is empty.

    Raises:
        RepcatError: where one is unknown.
    """
    wanted: Sequence[str] = [n.strip() for n in names.split(",") if n.strip()] or [*CASES]
    for name in wanted:
        if name not in CASES:
            msg = f"--cases: there is no case {name!r}{nearest(name, CASES)}"
            raise RepcatError(msg, code="no-such-case")
    return [CASES[name] for name in dict.fromkeys(wanted)]
