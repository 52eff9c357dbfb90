"""Resuming, averaging, precision, and what a checkpoint holds."""

from dataclasses import replace

import pytest
import tomli_w
import torch

from repcat.errors import PartError, RunError, TrainingError
from repcat.models.build import open_training
from repcat.runs.run import Run
from repcat.training import begin
from repcat.training.fit import train
from repcat.training.session import Session
from repcat.training.validation import averaged, validate

OBJECTIVES = {
    "l1": {"use": "l1"},
    "l2": {"use": "l2"},
    "reprojected": {"use": "l1", "reprojection_weight": 0.5},
    "sinkhorn_ot": {
        "use": "sinkhorn_ot",
        "inner_steps": 2,
        "features": 2,
        "critic_width": 4,
        "critic_widest": 8,
    },
    "gan": {"use": "gan", "gradient_penalty": 1.0, "critic_width": 4, "critic_widest": 8},
}
EXTRAS = {"ema": 0.9, "ema_every": 2}


def nothing(*_):
    pass


def unbroken_and_resumed(recipe, parts, run):
    def session(steps):
        made = replace(recipe, train=replace(recipe.train, steps=steps))
        return Session(made, open_training(made, parts), parts, "cpu")

    unbroken = session(4)
    train(unbroken, nothing, lambda step, state: run.save(step, state), nothing)
    resumed = session(4)
    resumed.load(run.load(2))
    train(resumed, nothing, nothing, nothing)
    return unbroken.state(), resumed.state()


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_resumed_run_ends_where_an_unbroken_one_does(
    objective, precision, recipe_of, parts, tmp_path
):
    recipe = recipe_of(
        data={"use": "blobs", "size": 24 if objective == "sinkhorn_ot" else 16},
        backbone={"use": "unet", "channels": [4, 8], "res_units": 1, "dropout": 0.2},
        objective=OBJECTIVES[objective],
        augment={"contrast": 0.5, "flip_p": 0.5},
        train={**EXTRAS, "precision": precision},
    )
    unbroken, resumed = unbroken_and_resumed(recipe, parts, Run(tmp_path))
    assert resumed.values == unbroken.values
    assert resumed.tensors.keys() == unbroken.tensors.keys()
    for name, table in unbroken.tensors.items():
        for key, tensor in table.items():
            assert torch.equal(tensor, resumed.tensors[name][key]), (name, key)


BANK = {"use": "blobs", "size": 16, "views": ["bank:12"], "views_scored": [0, 90]}


@pytest.mark.parametrize(
    "data",
    [
        {"use": "blobs", "size": 16, "views": [0, 90, 180], "views_drawn": [1, 3]},
        {**BANK, "views_drawn": {"most": 4}},
    ],
)
def test_a_run_that_draws_views_resumes_bit_for_bit(recipe_of, parts, tmp_path, data):
    recipe = recipe_of(data=data, mapper={"use": "view_pool", "features": 2})
    unbroken, resumed = unbroken_and_resumed(recipe, parts, Run(tmp_path))
    for name, table in unbroken.tensors.items():
        assert all(torch.equal(t, resumed.tensors[name][key]) for key, t in table.items()), name


def test_a_mapper_of_certain_views_cannot_be_trained_on_some_of_them(recipe_of, parts):
    recipe = recipe_of(data={"use": "blobs", "size": 16, "views_drawn": [1, 2]})
    with pytest.raises(PartError, match=r"views_drawn = \[1, 2\] .*'repeat_concat'.*'view_pool'"):
        Session(recipe, open_training(recipe, parts), parts, "cpu")
    recipe = recipe_of(data={**BANK, "views_drawn": {}})
    with pytest.raises(PartError, match=r"table data.views_drawn draws .* such as .*'view_pool'"):
        Session(recipe, open_training(recipe, parts), parts, "cpu")
    recipe = recipe_of(data={"use": "blobs", "size": 16, "views_scored": [0]})
    with pytest.raises(PartError, match=r"data.views_scored names some of the views, but mapper"):
        Session(recipe, open_training(recipe, parts), parts, "cpu")


def test_a_run_from_before_views_were_drawn_has_no_other_recipe(recipe_of, parts, tmp_path):
    recipe = recipe_of()
    tables = recipe.to_tables()
    assert tables["data"].pop("views_drawn") == [0, 0]
    (tmp_path / "recipe.toml").write_text(tomli_w.dumps(tables))
    assert begin.differences(Run(tmp_path).recipe(parts), recipe) == []


def test_l2_training_lowers_the_error_of_validation_patients(recipe_of, parts):
    recipe = recipe_of(train={"steps": 40})
    session = Session(recipe, open_training(recipe, parts), parts, "cpu")
    before = validate(session)[0]["validation_psnr"]
    train(session, nothing, nothing, nothing)
    assert validate(session)[0]["validation_psnr"] > before + 6


def test_validation_uses_the_average_and_puts_the_weights_back(recipe_of, parts):
    recipe = recipe_of(train={"ema": 0.5})
    session = Session(recipe, open_training(recipe, parts), parts, "cpu")
    session.run_step()
    name, weight = next(iter(session.network.named_parameters()))
    trained = weight.detach().clone()
    with averaged(session):
        assert torch.equal(weight, session.average.weights[name])
    assert torch.equal(weight, trained) and not torch.equal(trained, session.average.weights[name])


def test_the_weights_depend_on_the_seed_alone(recipe_of, parts):
    def first_weight(seed):
        recipe = recipe_of(train={"seed": seed})
        torch.rand(7)  # history
        session = Session(recipe, open_training(recipe, parts), parts, "cpu")
        return next(session.network.parameters()).detach().flatten()

    assert torch.equal(first_weight(1), first_weight(1))
    assert not torch.equal(first_weight(1), first_weight(2))


def test_a_nan_stops_with_player_and_step_and_leaves_the_checkpoint(recipe_of, parts, tmp_path):
    recipe = recipe_of(optim={"name": "sgd", "lr": 1e3}, train={"steps": 50, "save_every": 1})
    session = Session(recipe, open_training(recipe, parts), parts, "cpu")
    run = Run(tmp_path)
    with pytest.raises(TrainingError, match="code: not-a-number"):
        train(session, nothing, run.save, nothing)
    assert run.load().values["step"] == run.steps()[-1] == session.step


def test_compiling_is_asked_of_the_backbone_alone(recipe_of, parts):
    recipe = recipe_of(train={"compile": True})
    session = Session(recipe, open_training(recipe, parts), parts, "cpu")
    assert session.network.backbone._compiled_call_impl is not None
    assert not any("_orig_mod" in name for name in session.network.state_dict())


def test_an_objective_that_reads_missing_branches_is_refused(recipe_of, parts):
    from repcat_plugins.objectives.l2 import L2

    class Greedy(L2):
        branches = frozenset({"latent"})

    parts.objectives.add("greedy", Greedy)
    recipe = recipe_of(objective={"use": "greedy"})
    with pytest.raises(PartError, match="code: branches-missing"):
        Session(recipe, open_training(recipe, parts), parts, "cpu")


def test_resume_refuses_another_recipe_and_takes_more_steps(recipe_of, parts, tmp_path):
    run = tmp_path / "run"
    file = tmp_path / "r.toml"
    file.write_text(recipe_of().to_toml())
    session, made = begin.start(file, run, [], "cpu", parts)
    train(session, nothing, made.save, nothing)
    with pytest.raises(RunError, match=r"optim\.lr: it has 0\.01, you ask for 0\.1"):
        begin.resume(file, run, ["optim.lr = 0.1"], "cpu", parts)
    longer, _ = begin.resume(file, run, ["train.steps = 6"], "cpu", parts)
    assert (longer.step, longer.recipe.train.steps) == (4, 6)
    with pytest.raises(RunError, match="code: run-taken"):
        begin.start(file, run, [], "cpu", parts)
