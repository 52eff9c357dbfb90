from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from repcat import Grid
from repcat_plugins.networks.adversary import (
    critic_loss,
    lipschitz_penalty,
    model_loss,
    slope_penalty,
)
from repcat_plugins.networks.critic import Critic


@pytest.mark.parametrize(
    ("adversary", "model", "critic"),
    # scores of 0 on predictions and 1 on truths
    [
        ("vanilla", math.log(2), math.log(1 + math.exp(-1)) + math.log(2)),
        ("hinge", 0.0, 1.0),
        ("least_squares", 0.5, 0.0),
    ],
)
def test_losses_are_the_papers_own(adversary: str, model: float, critic: float) -> None:
    on_fake, on_truth = torch.zeros(3, 1), torch.ones(3, 1)
    assert model_loss(adversary, on_fake).item() == pytest.approx(model)
    assert critic_loss(adversary, on_fake, on_truth).item() == pytest.approx(critic)


@pytest.mark.parametrize("adversary", ["vanilla", "hinge", "least_squares"])
def test_the_model_raises_the_score_that_the_critic_lowers(adversary: str) -> None:
    on_fake = torch.tensor([[0.3]], requires_grad=True)
    for loss, sign in (
        (model_loss(adversary, on_fake), -1),
        (critic_loss(adversary, on_fake, torch.ones(1, 1)), 1),
    ):
        (slope,) = torch.autograd.grad(loss, on_fake)
        assert slope.sign().item() == sign


def test_a_linear_critic_has_half_its_squared_norm_as_penalty() -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(8, 1))
    found = slope_penalty(critic, torch.rand(3, 1, 2, 2, 2))
    torch.testing.assert_close(found, critic[1].weight.square().sum() / 2)


def test_the_penalty_reaches_every_weight_of_a_critic_with_attention_under_autocast() -> None:
    critic = Critic(Grid(1, (8, 8, 8)), width=2, widest=4)
    with torch.autocast("cpu", torch.bfloat16):
        penalty = slope_penalty(critic, torch.rand(2, 1, 8, 8, 8))
    assert penalty.dtype == torch.float32
    penalty.backward()
    weights = {n: p for n, p in critic.named_parameters() if n.endswith("weight")}
    assert all(p.grad is not None and p.grad.isfinite().all() for p in weights.values())


def test_a_linear_critic_is_off_slope_1_by_its_norm_wherever_it_is_asked() -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(8, 1))
    found = lipschitz_penalty(critic, torch.rand(3, 1, 2, 2, 2), torch.rand(3, 1, 2, 2, 2))
    torch.testing.assert_close(found, (critic[1].weight.norm() - 1).square())


def test_the_lipschitz_penalty_asks_between_prediction_and_truth() -> None:
    asked = []

    class Bowl(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            asked.append(x.detach())
            return x.square().flatten(1).sum(dim=1, keepdim=True) / 2  # its slope is |x|

    fake, truth = torch.zeros(64, 1, 2, 2, 2), torch.ones(64, 1, 2, 2, 2)
    found = lipschitz_penalty(Bowl(), fake, truth)
    (points,) = asked
    shares = points.flatten(1)
    assert shares.std(dim=1).max() == 0  # on the line
    assert shares.min() >= 0 and shares.max() <= 1 and shares[:, 0].unique().numel() == 64
    torch.testing.assert_close(found, (shares.norm(dim=1) - 1).square().mean())
