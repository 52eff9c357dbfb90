from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from repcat import Batch, Grid, Prediction, Task, View, preset
from repcat_plugins.networks.adversary import critic_loss, model_loss, slope_penalty
from repcat_plugins.objectives.gan import GAN

SIZE = 8


def objective(seed: int = 0, **options) -> GAN:
    geometry = preset("parallel", size=SIZE, cube_mm=320.0)
    grids = Grid(1, geometry.pixels), Grid(1, geometry.voxels)
    task = Task((View(0.0),), *grids, geometry, seed=seed)
    return GAN(task, **({"critic_width": 2, "critic_widest": 4} | options))


def batch_of(seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    truth = torch.rand(2, 1, SIZE, SIZE, SIZE, generator=generator)
    return Batch((f"{seed}a", f"{seed}b"), truth.mean(dim=3)[:, :1, 0], (View(0.0),), truth)


def batches() -> Iterator[Batch]:
    return map(batch_of, range(100))


class Brighter(nn.Module):
    """A model of two weights that sees the truth."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.7, 0.2]))

    def forward(self, batch: Batch) -> Prediction:
        return Prediction(batch.volume.square() * self.weight[0] + self.weight[1])


@pytest.mark.parametrize("loss", ["vanilla", "hinge", "least_squares"])
@pytest.mark.parametrize("gradient_penalty", [0.0, 10.0])
def test_each_turn_reaches_the_player_it_names_and_no_other(
    loss: str, gradient_penalty: float
) -> None:
    rule = objective(loss=loss, gradient_penalty=gradient_penalty, inner_steps=2)
    model = Brighter()
    players, named = {"model": model, "critic": rule.critic}, []
    for turn in rule.turns(model, batches()):
        for module in players.values():
            module.zero_grad()
        turn.loss.backward()
        moved = {n for n, m in players.items() if any(p.grad is not None for p in m.parameters())}
        assert moved == {turn.player}
        assert all(p.grad.isfinite().all() for p in players[turn.player].parameters())
        named.append(turn.player)
    assert named == ["model", "model", "critic"]


@pytest.mark.parametrize(("loss", "weight"), [("l1", 10.0), ("l2", 10.0), ("none", 10.0)])
def test_the_models_loss_is_the_critics_opinion_and_a_weighed_error(
    loss: str, weight: float
) -> None:
    rule, model = objective(reconstruction=loss, reconstruction_weight=weight), Brighter()
    turn = next(rule.turns(model, batches()))
    gap = model(batch_of(0)).volume - batch_of(0).volume
    errors = {"l1": gap.abs().mean(), "l2": gap.square().mean(), "none": torch.zeros(())}
    opinion = model_loss("vanilla", rule.critic(model(batch_of(0)).volume))
    assert turn.loss.item() == pytest.approx((opinion + 10 * errors[loss]).item(), rel=1e-5)
    assert ("error" in turn.logs) == (loss != "none")


def test_the_critics_loss_takes_the_penalty_of_true_volumes() -> None:
    rule, model = objective(gradient_penalty=5.0, loss="hinge"), Brighter()
    *_, turn = rule.turns(model, batches())
    fake, truth = model(batch_of(1)).volume, batch_of(1).volume
    plain = critic_loss("hinge", rule.critic(fake), rule.critic(truth))
    expected = plain + 5 * slope_penalty(rule.critic, truth)
    assert turn.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    slope = slope_penalty(rule.critic, truth).item()
    assert turn.numbers()["slope"] == pytest.approx(slope, rel=1e-5)


def test_its_critic_is_a_function_of_the_seed() -> None:
    first, again, other = (objective(seed=s).critic.fc.weight for s in (1, 1, 2))
    assert first.equal(again)
    assert not first.equal(other)
