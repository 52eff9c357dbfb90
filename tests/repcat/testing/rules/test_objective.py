"""Each rule of objectives catches the part that breaks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from repcat import Batch, Grid, Model, Objective, PartError, Prediction, Task, Turn, seeded
from repcat.contracts import Log
from repcat.testing import check_objective, verdicts


class Sound(Objective):
    """A player beside the model; the broken ones below differ in one thing."""

    players = ("judge",)

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.judge = nn.Linear(1, 1)

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        batch = next(batches)
        yield Turn("model", self.error(model, batch), {"one": 1.0})
        yield Turn("judge", self.opinion(batch))

    def error(self, model: Model, batch: Batch) -> torch.Tensor:
        return (model(batch).volume - batch.volume).square().mean()

    def opinion(self, batch: Batch) -> torch.Tensor:
        return self.judge(batch.volume.flatten(1).mean(dim=1, keepdim=True)).square().mean()


class InNoGrad(Sound):
    """Yield under no_grad."""

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        batch = next(batches)
        yield Turn("model", self.error(model, batch))
        loss = self.opinion(batch)
        with torch.no_grad():
            yield Turn("judge", loss)


class InSeed(Sound):
    """Yield under a `with` that no mode shows."""

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        batch = next(batches)
        with seeded("mine"):
            yield Turn("model", self.error(model, batch))
        yield Turn("judge", self.opinion(batch))


class Stranger(Sound):
    """Name a player that is none."""

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        yield from super().turns(model, batches)
        yield Turn("critic", self.opinion(next(batches)))


class Forgotten(Sound):
    """Never give the judge a turn."""

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        yield Turn("model", self.error(model, next(batches)))


class Missing(Sound):
    """Name a child that is not there."""

    players = ("judge", "potential")


class Detached(Sound):
    """Cut the model off."""

    def error(self, model: Model, batch: Batch) -> torch.Tensor:
        return (model(batch).volume.detach() - batch.volume).square().mean().requires_grad_()


class Many(Sound):
    """Give a loss a patient."""

    def error(self, model: Model, batch: Batch) -> torch.Tensor:
        return (model(batch).volume - batch.volume).square().flatten(1).mean(dim=1)


class Steps(Sound):
    """Move the judge itself."""

    def opinion(self, batch: Batch) -> torch.Tensor:
        with torch.no_grad():
            self.judge.bias += 0.1
        return super().opinion(batch)


class Holds(Sound):
    """Hold the judge fixed and forget it."""

    def error(self, model: Model, batch: Batch) -> torch.Tensor:
        self.judge.requires_grad_(False)
        return super().error(model, batch)

    def opinion(self, batch: Batch) -> torch.Tensor:
        self.judge.requires_grad_(True)
        return super().opinion(batch)


class Logs(Sound):
    """Log what `shown` makes of the loss."""

    def shown(self, loss: torch.Tensor) -> Log:
        return loss.detach()

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        for turn in super().turns(model, batches):
            yield Turn(turn.player, turn.loss, {"shown": self.shown(turn.loss)})


class LogsLazily(Logs):
    """Log a function."""

    def shown(self, loss: torch.Tensor) -> Log:
        return loss.detach().square


class Graphs(Logs):
    """Log a tensor that holds its graph."""

    def shown(self, loss: torch.Tensor) -> Log:
        return loss


class Vectors(Logs):
    """Log several numbers in one."""

    def shown(self, loss: torch.Tensor) -> Log:
        return loss.detach().expand(3)


class Endless(Logs):
    """Log a function that gives an infinite number."""

    def shown(self, loss: torch.Tensor) -> Log:
        return lambda: loss.detach() / 0


class Sums(Sound):
    """Add patients up instead of taking their mean."""

    def error(self, model: Model, batch: Batch) -> torch.Tensor:
        return super().error(model, batch) * len(batch.ids)


class Counts(Sound):
    """Keep in an attribute what no checkpoint holds."""

    seen = 0

    def error(self, model: Model, batch: Batch) -> torch.Tensor:
        self.seen += 1
        return super().error(model, batch) * self.seen


BROKEN = {
    InNoGrad: ("never yields inside a with", "grad mode"),
    InSeed: ("never yields inside a with", "close every `with`"),
    Stranger: ("gives every player a turn and nobody else", "critic"),
    Forgotten: ("gives every player a turn and nobody else", "judge"),
    Missing: ("is an objective whose players are its own", "potential"),
    Detached: ("gives losses that move the player they name", "detached"),
    Many: ("gives losses that move the player they name", "reduce it"),
    Steps: ("moves no weight itself", r"judge\.bias itself up to the turn of 'judge'"),
    Holds: ("moves no weight itself", "requires_grad = False"),
    Graphs: ("logs plain numbers", r"give x\.detach"),
    Vectors: ("logs plain numbers", "without axes"),
    Endless: ("logs plain numbers", "finite"),
    Sums: ("says whether it couples patients", "couples_batch = True"),
    Counts: ("resumes bit for bit", "registered buffers"),
}


@pytest.mark.parametrize("part", [Sound, Logs, LogsLazily])
def test_a_sound_part_keeps_to_every_rule(part: type[Sound]) -> None:
    check_objective(part)


@pytest.mark.parametrize("part", BROKEN, ids=lambda p: p.__name__)
def test_a_broken_rule_is_named_with_its_cure(part: type[Sound]) -> None:
    rule, why = BROKEN[part]
    told = [str(v) for v in verdicts("objectives", part)]
    (line,) = [t for t in told if t.startswith(f"FAILS: {rule}")]
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(line)


class Latent(Sound):
    """Lower the square of a branch that is a point."""

    branches = frozenset({"latent"})

    def error(self, model: Model, batch: Batch) -> torch.Tensor:
        found = model(batch)
        if found.branches["latent"].dim() != 2:
            raise PartError("a latent is (B, C)")
        return super().error(model, batch) + found.branches["latent"].square().mean()


class Giving(nn.Module):
    """Give a volume and the point it came from."""

    branches = frozenset({"latent"})

    def __init__(self, source: Grid, target: Grid) -> None:
        super().__init__()
        self.size = target.size
        self.encode = nn.Linear(source.channels, 2)

    def forward(self, x: torch.Tensor) -> Prediction:
        latent = self.encode(x.flatten(2).mean(dim=-1))
        volume = latent.sum(dim=1)[:, None, None, None, None].expand(-1, 1, *self.size)
        return Prediction(volume, {"latent": latent})


def test_branches_of_their_own_shape_come_from_a_backbone_that_is_given() -> None:
    with pytest.raises(AssertionError, match="a latent is"):
        check_objective(Latent)
    check_objective(Latent, backbone=Giving)
