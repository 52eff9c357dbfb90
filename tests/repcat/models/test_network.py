"""A recipe to things that run: the same weights from the same seed, and grids that meet."""

import pytest
import torch

from repcat import Grid, Prediction, Request
from repcat.data.loader import PatientCache
from repcat.errors import DataError, PartError
from repcat.models.build import build_network, build_objective, make_task, open_patients
from repcat.models.network import Network
from repcat.registry.registry import Part

BLOBS = {"use": "blobs", "size": 16}


@pytest.fixture
def built(recipe_of, parts):
    """Return a maker of recipe, task and network."""

    def make(**tables):
        recipe = recipe_of(**tables)
        task = make_task(recipe, open_patients(recipe, parts), parts)
        return recipe, task, build_network(recipe, task, parts)

    return make


def test_a_task_is_what_the_recipe_and_the_dataset_say(built):
    data = {**BLOBS, "views": [0, 45, 90], "window": [-500, 500]}
    recipe, task, _ = built(data=data, train={"seed": 7})
    assert (task.xray, task.volume) == (Grid(3, (16, 16)), Grid(1, (16, 16, 16)))
    assert [view.azimuth for view in task.views] == [0, 45, 90]
    assert (task.window.low, task.window.high, task.seed) == (-500, 500, 7)
    assert task.geometry.beam == "parallel"  # as the blobs are projected
    assert recipe.views == task.views


def test_weights_are_a_function_of_the_seed_and_of_nothing_before(built):
    one = built(train={"seed": 1})[2].state_dict()
    torch.rand(99)
    again, other = (built(train={"seed": seed})[2].state_dict() for seed in (1, 2))
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_building_leaves_the_random_state_as_it_was(built):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    built()
    assert torch.equal(torch.rand(3), expected)


def test_a_network_gives_a_volume_for_each_patient_and_keeps_branches(built, parts):
    recipe, _, network = built()
    batch = PatientCache(open_patients(recipe, parts), recipe).batch(["test-0", "test-1"])
    assert network(batch).volume.shape == (2, 1, 16, 16, 16)
    both = Prediction(torch.zeros(1), {"lateral": torch.ones(1)})
    with_branches = Network(network.mapper, torch.nn.Identity())
    with_branches.backbone.forward = lambda _: both
    assert with_branches(batch) is both


def test_an_objective_whose_branches_the_backbone_has_not_is_refused(built, parts):
    recipe, task, network = built()
    whole = parts.objectives.get("l2").factory

    class Curious(whole):
        branches = frozenset({"lateral"})

    parts.objectives.parts["l2"] = Part("l2", Curious, "a plugin")
    with pytest.raises(PartError, match=r"'l2' reads the branches \['lateral'\].*'unet'"):
        build_objective(recipe, task, network, parts)
    network.backbone.branches = ("lateral",)
    assert isinstance(build_objective(recipe, task, network, parts), Curious)


def test_a_dataset_gets_the_recipes_size_views_and_projector(recipe_of, parts):
    asked = []

    def ask(request: Request, *, train: int = 6):
        asked.append((request, train))
        return blobs(request, train=train)

    blobs = parts.datasets.get("blobs").factory
    parts.datasets.parts["blobs"] = Part("blobs", ask, "test")
    recipe = recipe_of(data={**BLOBS, "train": 3, "projector": "march"})
    assert open_patients(recipe, parts).ids("train") == ("train-0", "train-1", "train-2")
    ((request, train),) = asked
    assert (request.size, request.views, train) == (16, recipe.views, 3)
    assert callable(request.project)


def test_a_path_opens_a_prepared_dataset_in_place_of_the_recipes_own(recipe_of, parts, tmp_path):
    with pytest.raises(DataError, match="is no dataset"):
        open_patients(recipe_of(), parts, tmp_path)
