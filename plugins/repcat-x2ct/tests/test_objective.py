"""The rule of training: which player, which volumes, which loss."""

from itertools import count

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from repcat import PartError, Prediction
from repcat_x2ct.losses import projection_error, to_fake, to_real
from repcat_x2ct.objective import X2CTGAN


class Brighter(nn.Module):
    """A model of two weights that sees the truth and remembers what it gave."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.7, 0.2]))
        self.given = []

    def forward(self, batch):
        volume = batch.volume.square() * self.weight[0] + self.weight[1]
        self.given.append(volume.detach().clone())
        halves = {"frontal": volume / 2, "lateral": volume / 4}
        return Prediction(volume, halves)


@pytest.fixture
def play(task_of, batch_of):
    """Return a maker: an objective of some options, a model, and the step's turns."""

    def make(views=(0.0, 90.0), **options):
        task = task_of(views)
        rule, model = X2CTGAN(task, **({"critic_width": 2} | options)), Brighter()
        batches = (batch_of(task, seed) for seed in count())
        return rule, model, rule.turns(model, batches), batch_of(task)

    return make


def test_a_turn_of_the_model_then_one_of_the_critic_each_reaching_its_own_weights(play):
    rule, model, turns, _ = play()
    players, named = {"model": model, "critic": rule.critic}, []
    for turn in turns:
        for module in players.values():
            module.zero_grad()
        turn.loss.backward()
        moved = {n for n, m in players.items() if any(p.grad is not None for p in m.parameters())}
        assert moved == {turn.player}
        named.append(turn.player)
    assert named == ["model", "critic"]


def test_the_critic_judges_the_volumes_of_the_models_turn_not_new_ones(play):
    rule, model, turns, batch = play()
    first = next(turns)
    first.loss.backward()
    with torch.no_grad():
        model.weight.add_(1.0)
    second = next(turns)
    (fake,) = model.given
    logits = [rule.critic(rule.seen(batch, volume)) for volume in (batch.volume, fake)]
    expected = 0.1 * (to_real(logits[0]) + to_fake(logits[1]))
    assert second.loss.item() == pytest.approx(expected.item(), rel=1e-6)


def test_the_models_loss_is_a_tenth_of_the_opinion_and_ten_times_each_error(play):
    rule, model, turns, batch = play()
    loss = next(turns).loss.item()
    (fake,) = model.given
    opinion = to_real(rule.critic(rule.seen(batch, fake)))
    errors = F.mse_loss(fake, batch.volume) + projection_error(fake, batch.volume)
    assert loss == pytest.approx((0.1 * opinion + 10 * errors).item(), rel=1e-6)


@pytest.mark.parametrize("options", [{"gan": False}, {"adversarial_weight": 0.0}])
def test_without_the_gan_there_is_no_critic_and_one_turn(options, play):
    rule, _, turns, _ = play(**options)
    assert rule.players == () and not list(rule.parameters())
    assert [turn.player for turn in turns] == ["model"]


def test_without_the_gan_any_views_do(play):
    assert len(list(play((10.0, 20.0, 30.0), gan=False)[2])) == 1
    with pytest.raises(PartError, match="cannot use the view 10"):
        play((10.0, 20.0, 30.0))


def test_it_reads_branches_only_when_they_weigh_something(play):
    plain, *_ = play()
    assert plain.branches == frozenset()
    rule, model, turns, batch = play(gan=False, branch_weight=2.0)
    assert rule.branches == {"frontal", "lateral"}
    (fake,) = (loss := next(turns).loss.item()) and model.given
    errors = F.mse_loss(fake, batch.volume) + projection_error(fake, batch.volume)
    own = F.mse_loss(fake / 2, batch.volume) + F.mse_loss(fake / 4, batch.volume)
    assert loss == pytest.approx((10 * errors + 2 * own).item(), rel=1e-6)


def test_the_critic_sees_each_xray_along_its_ray_and_the_volume_last(play):
    rule, _, _, batch = play()
    seen = rule.seen(batch, batch.volume)
    assert seen.shape == (2, 3, 8, 8, 8)
    z, y, x = torch.meshgrid(*[torch.arange(8)] * 3, indexing="ij")
    frontal, lateral = batch.xrays.unbind(dim=1)
    # row 0 is the head, z grows to the head; columns grow with x and with y (docs/geometry.md)
    assert torch.equal(seen[:, 0], frontal[:, 7 - z, x])
    assert torch.equal(seen[:, 1], lateral[:, 7 - z, y])
    assert torch.equal(seen[:, 2:], batch.volume)


def test_one_view_makes_a_critic_of_two_channels(play):
    rule, _, turns, _ = play((0.0,))
    assert rule.critic.main[0].in_channels == 2
    assert [turn.player for turn in turns] == ["model", "critic"]


def test_its_critic_is_a_function_of_the_seed(task_of):
    first, again, other = (
        X2CTGAN(task_of(seed=s), critic_width=2).critic.main[0].weight for s in (1, 1, 2)
    )
    assert first.equal(again) and not first.equal(other)
