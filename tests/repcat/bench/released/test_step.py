"""The released step: its losses are repcat's under the released settings; what it moves."""

from itertools import repeat

import pytest

from repcat import Grid, preset
from repcat.bench.released.step import ReleasedStep
from repcat.bench.released.views import repeated_views
from repcat.bench.small_recipe import small_recipe
from repcat.bench.stepping import released_network
from repcat.config.shipped import names
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts
from repcat.training.session import Session
from repcat.types import Task
from repcat_plugins.mappers.repeat_concat import RepeatConcat

SETTINGS = (
    'data = {use = "phantoms", size = 32, train = 2, validation = 1, test = 1, volume = "minmax"}',
    'backbone = {use = "unet3d", width = 2}',
    "train.batch_size = 2",
    "objective.inner_steps = 1",
)


@pytest.fixture
def sides():
    """Return repcat's session under the released settings, a batch, the same step in plain form."""
    recipe = small_recipe(SETTINGS, names("recipe")["swin_ot_released"])
    session = Session(recipe, open_patients(recipe, load_parts()), load_parts(), "cpu")
    batch = next(session.loader)
    step = ReleasedStep(released_network(recipe), 32, repeat(batch), "cpu")
    step.network.load_state_dict(session.network.backbone.state_dict())
    step.critic.load_state_dict(session.objective.potential.state_dict())
    step.extractor.load_state_dict(session.objective.features.state_dict(), strict=False)
    return session, batch, step


def test_the_first_losses_are_those_of_repcat_under_the_released_settings(sides):
    session, batch, step = sides
    session.network.train()
    turns = session.objective.turns(session, repeat(batch))
    # float32 on the points, where repcat takes float64
    assert step.network_turn() == pytest.approx(next(turns).loss.item(), rel=1e-4)


def test_a_turn_moves_its_player_alone_and_sums_up_gradients_that_nobody_uses(sides):
    step = sides[2]
    networks = {"network": step.network, "critic": step.critic, "extractor": step.extractor}

    def moved(turn):
        before = {n: [p.clone() for p in net.parameters()] for n, net in networks.items()}
        turn()
        return {
            name
            for name, net in networks.items()
            if any(not p.equal(old) for p, old in zip(net.parameters(), before[name], strict=True))
        }

    assert moved(step.network_turn) == {"network"}
    kept = [p.grad.clone() for p in step.extractor.parameters()]
    assert any(grad.abs().max() > 0 for grad in kept)
    assert moved(step.critic_turn) == {"critic"}
    step.network_turn()
    grown = [p.grad for p in step.extractor.parameters()]
    assert any(not a.equal(b) for a, b in zip(kept, grown, strict=True))


def test_a_step_tells_the_end_of_each_turn(sides, monkeypatch):
    ended = []
    for turn in ("network_turn", "critic_turn"):  # what they do is held above
        monkeypatch.setattr(sides[2], turn, lambda: 0.0)
    sides[2].run_step(ended.append, inner_steps=2)
    assert ended == ["model", "model", "potential"]


def test_views_lie_as_repcats_mapper_lays_the_released_ones(sides):
    batch = sides[1]
    task = Task(
        views=batch.views,
        xray=Grid(2, (32, 32)),
        volume=Grid(1, (32, 32, 32)),
        geometry=preset("default", size=32, cube_mm=400.0),
    )
    mapped = RepeatConcat(task, align="released")(batch)
    assert repeated_views(batch.xrays).equal(mapped)
