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


class Pooled(InputMapper):
    """The mean over views of X-rays brought to frontal: any number, the broken ones below."""

    any_views = True

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        self.out = Grid(1, task.xray.size)

    def forward(self, batch: Batch) -> Tensor:
        return self.pool(self.weighed(batch))

    def weighed(self, batch: Batch) -> Tensor:
        weights = [1 + view.columns[0] + view.source[2] for view in batch.views]
        return batch.xrays * batch.xrays.new_tensor(weights)[:, None, None]

    def pool(self, images: Tensor) -> Tensor:
        return images.mean(dim=1, keepdim=True)


class AChannelAView(Pooled):
    """Give a channel for each view."""

    def pool(self, images: Tensor) -> Tensor:
        return images


class FirstFirst(Pooled):
    """Take the first view twice."""

    def pool(self, images: Tensor) -> Tensor:
        return images.mean(dim=1, keepdim=True) + images[:, :1]


class Root(Pooled):
    """Take a root that has no slope where there is one view."""

    def pool(self, images: Tensor) -> Tensor:
        return images.std(dim=1, keepdim=True, correction=0)


class FromBehind(Pooled):
    """Leave out what is seen from the front."""

    def weighed(self, batch: Batch) -> Tensor:
        weights = batch.xrays.new_tensor([max(0.0, view.columns[0]) for view in batch.views])
        return batch.xrays * weights[:, None, None]


class Level(Pooled):
    """Go by the azimuth alone."""

    def weighed(self, batch: Batch) -> Tensor:
        weights = batch.xrays.new_tensor([1 + view.columns[0] for view in batch.views])
        return batch.xrays * weights[:, None, None]


class OfTheTask(Pooled):
    """Weigh by the views that it was built for."""

    def weighed(self, batch: Batch) -> Tensor:
        return batch.xrays * (1 + self.task.views[-1].columns[0])


class WeightsOfTheTask(Pooled):
    """Have a weight for each view that it was built for."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.weight = nn.Parameter(torch.ones(len(task.views)))

    def weighed(self, batch: Batch) -> Tensor:
        return super().weighed(batch) * self.weight.mean()


BROKEN_POOLS = {
    AChannelAView: ("takes any number of views at any angle", "of 2 X-rays it gives"),
    FirstFirst: ("takes views in any order", "such as a mean"),
    Root: ("passes gradients to every view", "a root at 0"),
    FromBehind: ("passes gradients to every view", "a view left out"),
    Level: ("heeds a tilt", "not by azimuth alone"),
    OfTheTask: ("goes by the views of the batch", "read batch.views"),
    WeightsOfTheTask: ("goes by the views of the batch", "share them between views"),
}


def test_a_sound_pool_of_views_keeps_to_every_rule() -> None:
    check_mapper(Pooled)
    assert "takes views in any order" in {v.rule for v in verdicts("mappers", Pooled)}
    assert "takes views in any order" not in {v.rule for v in verdicts("mappers", Sound)}


@pytest.mark.parametrize("part", BROKEN_POOLS, ids=lambda p: p.__name__)
def test_a_pool_that_is_none_is_named_with_its_cure(part: type[Pooled]) -> None:
    rule, why = BROKEN_POOLS[part]
    with pytest.raises(AssertionError, match=f"FAILS: {rule}: .*{why}"):
        check_mapper(part)
