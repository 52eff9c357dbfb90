"""Learning rates, clipping, and a loss that is no number."""

from typing import get_args, get_type_hints

import numpy as np
import pytest
import torch
from torch import nn

from repcat.config.schema import OptimTable
from repcat.errors import TrainingError
from repcat.training.lr_schedule import rate
from repcat.training.player import OPTIMISERS, Player


def test_the_released_schedule_is_one_of_ours(golden):
    z = golden("schedule")
    table = OptimTable(schedule="linear", decay_from=1500, decay_to=5001, idle_first=True)
    ours = [rate(table, int(s), 5001) for s in z["steps"]]
    assert np.allclose(ours, z["multiplier"], atol=1e-12)


def test_warmup_rises_to_one_and_cosine_falls_to_the_final_rate():
    table = OptimTable(schedule="cosine", warmup=4, decay_from=4, final_lr=0.1)
    assert [rate(table, s, 10) for s in range(4)] == [0.25, 0.5, 0.75, 1.0]
    assert rate(table, 7, 10) == pytest.approx(0.55)
    assert rate(table, 10, 10) == pytest.approx(0.1)


def test_adamw_with_the_papers_eps_is_torchs(golden):
    z = golden("adamw")
    lr, b1, b2, eps, decay = z["hyper"].tolist()
    module = nn.ParameterList([nn.Parameter(torch.from_numpy(z["p0"]).clone())])
    table = OptimTable(lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay)
    player = Player("model", module, table, steps=9)
    for step, gradient in enumerate(z["grads"]):
        player.minimise((module[0] * torch.from_numpy(gradient)).sum(), step)
    assert torch.allclose(
        module[0].detach(), torch.from_numpy(z["p_after"][-1]).to(module[0]), atol=1e-7
    )


def test_clipping_bounds_the_gradients_norm():
    module = nn.Linear(1, 1, bias=False)
    player = Player("model", module, OptimTable(clip=1.0), steps=1)
    player.minimise(1000 * module.weight.sum(), 0)
    assert module.weight.grad.norm() <= 1.0001


@pytest.mark.parametrize("factor", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_names_player_and_step_and_moves_nothing(factor):
    module = nn.Linear(1, 1)
    before = module.weight.detach().clone()
    player = Player("potential", module, OptimTable(), steps=1)
    with pytest.raises(TrainingError, match=r"'potential'.*step 41"):
        player.minimise(module.weight.sum() * factor, 41)
    assert torch.equal(module.weight, before)


def test_every_name_that_a_recipe_may_give_is_an_optimiser():
    assert set(get_args(get_type_hints(OptimTable)["name"])) == OPTIMISERS.keys()


def test_sgd_steps_down_the_gradient_and_the_first_beta_is_its_momentum():
    """w - lr g, then w - lr (g + beta g): Polyak's heavy ball as torch has it."""
    module = nn.Linear(1, 1, bias=False)
    start = module.weight.item()
    table = OptimTable(name="sgd", lr=0.1, betas=(0.5, 0.9), weight_decay=0.0)
    player = Player("model", module, table, steps=2)
    for step in range(2):
        player.minimise(module.weight.sum(), step)
    assert module.weight.item() == pytest.approx(start - 0.1 - 0.1 * 1.5)
    other = Player("model", module, table, steps=2)
    other.load(player.state())
    assert other.state() == {"weight/momentum_buffer": torch.tensor([[1.5]])}


def test_moments_survive_saving():
    module = nn.Linear(2, 2)
    player = Player("model", module, OptimTable(), steps=2)
    player.minimise(module.weight.pow(2).sum(), 0)  # the bias has no gradient and no moments
    other = Player("model", module, OptimTable(), steps=2)
    other.load(player.state())
    assert (
        set(other.state())
        == set(player.state())
        == {f"weight/{m}" for m in ("step", "exp_avg", "exp_avg_sq")}
    )
    assert torch.equal(other.state()["weight/exp_avg"], player.state()["weight/exp_avg"])
