"""X2CT-GAN's parts together in repcat's own trainer; skipped without plugins/repcat-x2ct."""

from functools import cache

import pytest
import torch

from repcat.config.validate import check_recipe
from repcat.errors import PartError
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts
from repcat.runs.run import Run
from repcat.training.fit import train
from repcat.training.session import Session

STEPS = 2
SMALL = {"width": 4, "growth": 2, "layers": (1, 2, 1, 1, 1), "decoder_width": 1}

pytest.importorskip("repcat_x2ct", reason="the plugin repcat-x2ct is not installed")


def nothing(*_):
    pass


@pytest.fixture(scope="module")
def phantoms_in():
    """Return what opens a recipe's phantoms, each of which is drawn once for all tests."""
    drawn = {}

    def open_once(recipe):
        patients = drawn.get(recipe.views)
        if patients is None:
            patients = drawn[recipe.views] = open_patients(recipe, load_parts())
            patients.load = cache(patients.load)
        return patients

    return open_once


@pytest.fixture
def session_of(phantoms_in):
    """Return a maker of sessions on phantoms, of options of the three parts."""

    def make(views=(0.0, 90.0), backbone=(), **objective):
        tables = {
            "data": {"use": "phantoms", "train": 2, "validation": 1, "test": 1, "size": 64},
            "mapper": {"use": "x2ct_views"},
            "backbone": {"use": "x2ct", **SMALL, **dict(backbone)},
            "objective": {"use": "x2ct_gan", "critic_width": 2, **objective},
            "optim": {"name": "adam", "lr": 1e-3, "weight_decay": 0.0},
            "train": {"steps": STEPS, "batch_size": 1, "save_every": 1, "validate_every": 0},
        }
        tables["data"]["views"] = list(views)
        recipe = check_recipe(tables, "test", load_parts())
        return Session(recipe, phantoms_in(recipe), load_parts(), "cpu")

    return make


def tensors(session):
    table = session.state().tensors
    return {f"{owner}.{name}": t for owner, part in table.items() for name, t in part.items()}


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"branch_weight": 1.0}, {"gan": False}], ids=str)
def test_a_resumed_run_ends_where_an_unbroken_one_does(options, session_of, tmp_path):
    run, unbroken, resumed = Run(tmp_path), session_of(**options), session_of(**options)
    train(unbroken, nothing, lambda step, state: run.save(step, state), nothing)
    resumed.load(run.load(STEPS - 1))
    train(resumed, nothing, nothing, nothing)
    expected, found = tensors(unbroken), tensors(resumed)
    assert expected.keys() == found.keys()
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())


@pytest.mark.parametrize("views", [(0.0,), (90.0, 180.0)])
def test_both_players_move_and_one_batch_is_drawn_a_step(views, session_of):
    session = session_of(views)
    before = {name: t.clone() for name, t in tensors(session).items()}
    logs = session.run_step()
    moved = {
        name.split(".")[0] for name, t in before.items() if not t.equal(tensors(session)[name])
    }
    assert moved == {"model", "objective"}
    assert session.loader.drawn == 1
    norms = {"model_grad", "critic_grad"}
    assert logs.keys() == norms | {"model", "critic", "mse", "projection", "adversarial", "gap"}


def test_a_loss_on_branches_that_are_left_out_is_refused(session_of):
    with pytest.raises(PartError, match="code: branches-missing"):
        session_of(backbone={"branches": False}, branch_weight=1.0)


def test_a_single_view_has_no_branches_to_weigh(session_of):
    with pytest.raises(PartError, match="code: branches-missing"):
        session_of((0.0,), branch_weight=1.0)
