"""Each rule of mappers catches the part that breaks it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from repcat import Batch, Grid, InputMapper, PartError, Task
from repcat.testing import check_mapper, verdicts


class Sound(InputMapper):
    """The X-rays as they are; the broken ones below differ in one thing."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.out = task.xray

    def forward(self, batch: Batch) -> Tensor:
        return batch.xrays


class NoGrid(Sound):
    """State no grid."""

    def __init__(self, task: Task) -> None:
        InputMapper.__init__(self)


class TwoViews(Sound):
    """Give two channels, whatever the views."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.out = Grid(2, task.xray.size)


class Divides(Sound):
    """Divide by the brightest pixel."""

    def forward(self, batch: Batch) -> Tensor:
        return batch.xrays / batch.xrays.amax(dim=(-2, -1), keepdim=True)


class Still(Sound):
    """Hold a tensor that does not move to another device."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.factor = torch.ones(task.xray.size)

    def forward(self, batch: Batch) -> Tensor:
        return batch.xrays * self.factor


class Mixes(Sound):
    """Subtract the mean over the batch."""

    def forward(self, batch: Batch) -> Tensor:
        return batch.xrays - batch.xrays.mean(dim=0, keepdim=True)


BROKEN = {
    TwoViews: ("takes one view", "`out` states"),
    Divides: ("takes black and white images", "clamp"),
    Still: ("keeps type and device", "register tensors as buffers"),
    Mixes: ("keeps patients apart", "batch statistics"),
}


def test_a_sound_part_keeps_to_every_rule() -> None:
    check_mapper(Sound)


@pytest.mark.parametrize("part", BROKEN, ids=lambda p: p.__name__)
def test_a_broken_rule_is_named_with_its_cure(part: type[Sound]) -> None:
    rule, why = BROKEN[part]
    with pytest.raises(AssertionError, match=f"FAILS: {rule}: .*{why}"):
        check_mapper(part)


def test_a_mapper_without_a_grid_is_told_to_state_one() -> None:
    with pytest.raises(AssertionError, match=r"states its grid.*set self\.out"):
        check_mapper(NoGrid)


class OneView(Sound):
    """Take a single view."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        if len(task.views) > 1:
            raise PartError("one view, please")
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, batch: Batch) -> Tensor:
        return batch.xrays * self.weight


def test_views_that_a_mapper_refuses_do_not_count_against_it() -> None:
    check_mapper(OneView)
    told = {v.rule: v for v in verdicts("mappers", OneView)}
    assert told["takes one view"].state == "ok"
    assert str(told["takes eight views"]).endswith("it refuses 8 views: one view, please")
