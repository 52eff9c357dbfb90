"""Quantiles learnt beside the volume, whatever the objective."""

import pytest
import torch

from repcat.errors import PartError, RecipeError
from repcat.models.build import open_patients
from repcat.training.quantiles import pinball
from repcat.training.session import Session
from repcat.types import Prediction

QUANTILES = {"quantiles": [0.05, 0.95]}
OBJECTIVES = {
    "l1": {"use": "l1"},
    "gan": {"use": "gan", "critic_width": 4, "critic_widest": 8},
    "sinkhorn_ot": {
        "use": "sinkhorn_ot",
        "inner_steps": 2,
        "features": 2,
        "critic_width": 4,
        "critic_widest": 8,
    },
}


@pytest.fixture
def session(recipe_of, parts):
    """Return a maker of sessions, of recipes with the quantiles."""

    def make(**tables):
        tables["train"] = {**QUANTILES, **tables.get("train", {})}
        recipe = recipe_of(**tables)
        return Session(recipe, open_patients(recipe, parts), parts, "cpu")

    return make


@pytest.mark.parametrize("level", [0.05, 0.5, 0.9])
def test_the_pinball_loss_is_least_at_the_quantile(level):
    truth = torch.arange(1.0, 101.0)  # of 1..100 the quantile of level q lies in [100 q, 100 q + 1]
    losses = [pinball(torch.tensor(float(x)), truth, level) for x in range(101)]
    least = int(torch.stack(losses).argmin())
    assert 100 * level <= least <= 100 * level + 1


def test_the_pinball_loss_by_hand():
    truth, estimate = torch.tensor([3.0, 0.0]), torch.tensor([1.0, 1.0])
    assert float(pinball(estimate, truth, 0.9)) == pytest.approx((0.9 * 2 + 0.1 * 1) / 2)


def test_descending_it_leads_to_the_quantiles_of_the_data():
    truth = torch.rand(2000, generator=torch.Generator().manual_seed(0))
    found = torch.tensor([0.5, 0.5], requires_grad=True)
    for _ in range(300):
        loss = pinball(found[0], truth, 0.05) + pinball(found[1], truth, 0.95)
        (slope,) = torch.autograd.grad(loss, found)
        found = (found - 0.05 * slope).detach().requires_grad_()
    assert found.tolist() == pytest.approx([0.05, 0.95], abs=0.02)  # of a uniform draw


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_any_objective_learns_them_in_the_turns_of_the_model(objective, session):
    size = 24 if objective == "sinkhorn_ot" else 16
    made = session(data={"use": "blobs", "size": size}, objective=OBJECTIVES[objective])
    losses = [made.run_step()["pinball"] for _ in range(8)]
    assert losses[-1] < losses[0]
    batch = made.cache.batch(["test-0"])
    found = made(batch)
    assert found.branches.keys() == made.network.branches == {"lower", "upper"}
    assert all(b.shape == found.volume.shape == batch.volume.shape for b in found.branches.values())


def test_the_objectives_own_loss_is_what_it_was(session):
    made = session(objective={"use": "l1"})
    (turn,) = made._turns()
    both = float(turn.logs["mae"]) + float(turn.logs["pinball"])
    assert float(turn.loss.detach()) == pytest.approx(both)


def test_without_them_a_backbone_gets_the_target_that_it_always_got(session, recipe_of, parts):
    plain = recipe_of()
    made = Session(plain, open_patients(plain, parts), parts, "cpu")
    assert not made.network.branches
    batch = made.cache.batch(["test-0"])
    assert not made(batch).branches and "pinball" not in made.run_step()
    names = session().network.state_dict().keys()
    assert made.network.state_dict().keys() == names  # so that --from takes what fits


def test_a_backbone_that_gives_one_channel_whatever_it_is_asked_is_told(session):
    made = session()
    made.network.backbone.forward = lambda read: Prediction(read[:, :1])
    with pytest.raises(PartError, match="code: no-quantiles"):
        made.run_step()


@pytest.mark.parametrize("levels", [[0.5, 0.9], [0.1, 0.4], [0.0, 0.9], [0.9, 0.1], [0.1, 1.0]])
def test_levels_lie_on_the_two_sides_of_the_median(levels, recipe_of):
    with pytest.raises(RecipeError, match=r"train.quantiles = .* such as \[0.05, 0.95\]"):
        recipe_of(train={"quantiles": levels})


def test_a_resumed_run_has_the_same_bits(session):
    one, other = session(), session()
    one.run_step(), one.run_step()
    other.run_step()
    state = other.state()
    resumed = session()
    resumed.load(state)
    resumed.run_step()
    ours, theirs = one.network.state_dict(), resumed.network.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
