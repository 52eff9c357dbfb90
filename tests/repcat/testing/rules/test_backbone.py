"""Each rule of backbones catches the part that breaks it, and that rule alone is named."""

from __future__ import annotations

import time
from typing import Annotated

import pytest
import torch
from annotated_types import Ge
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Grid, PartError, Prediction, need_same_size
from repcat.testing import check_backbone, verdicts


class Sound(nn.Module):
    """A part that keeps to every rule; the broken ones below differ from it in one thing."""

    def __init__(self, source: Grid, target: Grid) -> None:
        super().__init__()
        self.target = target
        self.first = nn.Conv3d(source.channels, target.channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x)


class OtherGrid(Sound):
    """Give half the size."""

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x)[..., ::2]


class Double(Sound):
    """Give float64."""

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x).double()


class OnCpu(Sound):
    """Make a tensor on the CPU by the way."""

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x) + torch.ones(1, 1, 1, 1, 2).repeat(1, 1, 1, 1, x.shape[-1] // 2)


class Idle(Sound):
    """Hold a weight that nothing uses."""

    def __init__(self, source: Grid, target: Grid) -> None:
        super().__init__(source, target)
        self.forgotten = nn.Linear(2, 2)


class Clock(Sound):
    """Draw weights from the time."""

    def __init__(self, source: Grid, target: Grid) -> None:
        super().__init__(source, target)
        nn.init.constant_(self.first.bias, time.perf_counter() % 1)


class Noisy(Sound):
    """Draw chance in evaluation."""

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x) + torch.randn_like(x[:, :1])


class Crowd(Sound):
    """Divide by the batch's own mean, in evaluation too."""

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x) / (1 + x.mean())


class InPlace(Sound):
    """Write into its input."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            x *= 2
        return self.first(x)


class Hidden(Sound):
    """Keep what it counts in an attribute that no checkpoint holds."""

    def __init__(self, source: Grid, target: Grid) -> None:
        super().__init__(source, target)
        self.seen = 0

    def forward(self, x: Tensor) -> Tensor:
        self.seen += self.training
        return self.first(x) * (1 + (self.seen if self.training else 0))


class OneType(Sound):
    """Insist on float32 in the middle of autocast."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.lerp(self.first(x), torch.zeros_like(x[:, :1]), 0.1)


class Silent(Sound):
    """Give a branch that it does not name."""

    def forward(self, x: Tensor) -> Prediction:
        volume = self.first(x)
        return Prediction(volume, {"latent": volume})


class Breaks(Sound):
    """Die below 32 voxels a side with an error of torch's."""

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-1] < 32:
            raise RuntimeError("size mismatch deep inside")
        return self.first(x)


BROKEN = {
    OtherGrid: ("gives the grid that it is asked for", "where the task asks for"),
    Double: ("keeps type and device", "float64"),
    OnCpu: ("keeps type and device", "device=x.device"),
    Idle: ("is finite and passes gradients to every weight", "forgotten"),
    Clock: ("is a function of its seed", "never from time"),
    Noisy: ("predicts the same twice", "no chance"),
    Crowd: ("keeps patients apart", "batch statistics"),
    InPlace: ("does not change what it is given", "in place"),
    Hidden: ("resumes bit for bit", "registered buffers"),
    OneType: ("trains in bf16", "under autocast"),
    Silent: ("names the branches it gives", "latent"),
    Breaks: ("refuses sizes that it cannot take", r"at 16 voxels a side.*PartError"),
}


def test_a_sound_part_keeps_to_every_rule() -> None:
    check_backbone(Sound)
    states = {v.state for v in verdicts("backbones", Sound)}
    assert states == {"ok", "does not apply"}


@pytest.mark.parametrize("part", BROKEN, ids=lambda p: p.__name__)
def test_a_broken_rule_is_named_with_its_cure(part: type[Sound]) -> None:
    rule, why = BROKEN[part]
    with pytest.raises(AssertionError, match=f"FAILS: {rule}: .*{why}"):
        check_backbone(part)


def plain(source: Grid, target: Grid, *, width=4) -> nn.Module:
    return Sound(source, target)


def untold(source: Grid, target: Grid, *, width: Annotated[int, Ge(1)] = 4) -> nn.Module:
    """Build it."""
    return Sound(source, target)


def wrong(source: Grid, target: Grid, *, width: Annotated[int, Ge(1), Doc("w")] = 0) -> nn.Module:
    """Build it."""
    return Sound(source, target)


def test_options_need_a_type_a_meaning_and_a_default_in_their_range() -> None:
    for part, why in ((plain, "no docstring"), (plain, "has no type"), (untold, "has no meaning")):
        with pytest.raises(AssertionError, match=why):
            check_backbone(part)
    with pytest.raises(AssertionError, match=r"refuses its own default: width = 0"):
        check_backbone(wrong)


def choosy(source: Grid, target: Grid) -> nn.Module:
    """Take 48 voxels a side and nothing else."""
    need_same_size(source, target, "choosy")
    if source.size[0] != 48:
        raise PartError("48 voxels a side, please")
    return Sound(source, target)


def test_the_smallest_size_that_a_part_takes_is_found() -> None:
    check_backbone(choosy)
    with pytest.raises(AssertionError, match="48 voxels a side, please"):
        check_backbone(choosy, size=16)


def flat(source: Grid, target: Grid) -> nn.Module:
    """Read a point of 8 channels."""
    if source.size:
        raise PartError("a point, please")
    return nn.Sequential(nn.Linear(8, 16**3), nn.Unflatten(1, (1, 16, 16, 16)))


def test_a_backbone_that_reads_no_volume_is_given_what_it_reads() -> None:
    check_backbone(flat, size=16)
    check_backbone(flat, size=16, source=Grid(8, ()))


def test_an_unknown_option_is_the_callers_error() -> None:
    with pytest.raises(PartError, match=r"unet\.channel is unknown; did you mean .channels"):
        check_backbone("unet", options={"channel": 3})
