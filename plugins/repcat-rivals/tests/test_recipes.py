"""Each family's recipe builds at its true size and trains two steps at a small one."""

from pathlib import Path

import pytest
import torch

from repcat.build import build_network, build_objective, make_task, open_patients
from repcat.reading import merge, read, read_tables
from repcat.registry import load_parts
from repcat.training.loop import train
from repcat.training.session import Session
from repcat.verdict import check

FOLDER = Path(__file__).parents[3] / "recipes" / "baselines"
FILES = [
    f"{name}.toml"
    for name in (
        "back_projection",
        "latent_concat_1d",
        "permute_concat_2d",
        "pixel_aligned",
        "replicate_average",
        "sart",
    )
]
SMALL = {
    "unet": ["backbone.channels = [4, 8]"],
    "autoencoder": ["backbone = {use = 'autoencoder', latent = 8, width = 2, widest = 8}"],
    "calibration": [],
}
ON_PHANTOMS = [
    'data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 1}',
    "train.steps = 2",
    "train.batch_size = 2",
]


def nothing(*_):
    pass


def small(file):
    shipped = read(FOLDER / file, ON_PHANTOMS, parts=load_parts())
    settings = [*ON_PHANTOMS, *SMALL[shipped.backbone.use]]
    if shipped.mapper.use == "encoder2d":  # comes down to a pixel in images of 16
        settings[0] = settings[0].replace("size = 16", "size = 32")
    return read(FOLDER / file, settings, parts=load_parts())


@pytest.mark.parametrize("file", FILES)
def test_a_recipe_builds_at_its_true_size(file) -> None:
    tables = read_tables(FOLDER / file)
    kept = {k: v for k, v in tables["data"].items() if k in ("size", "views")}
    recipe = check(merge(tables, {"data": {"use": "phantoms", **kept}}), file, load_parts())
    assert recipe.data.size == 64
    with torch.device("meta"):
        task = make_task(recipe, open_patients(recipe, load_parts()))
        network = build_network(recipe, task, load_parts())
        build_objective(recipe, task, network, load_parts())
    assert sum(p.numel() for p in network.parameters()) > 0


@pytest.mark.parametrize("file", FILES)
def test_a_recipe_trains_two_steps(file) -> None:
    recipe = small(file)
    session = Session(recipe, open_patients(recipe, load_parts()), load_parts(), "cpu")
    before = [p.detach().clone() for p in session.network.parameters()]
    train(session, nothing, nothing, nothing)
    after = list(session.network.parameters())
    assert session.step == 2 and all(p.isfinite().all() for p in after)
    assert any(not torch.equal(a, b) for a, b in zip(after, before, strict=True))


def test_all_families_are_trained_alike() -> None:
    """Optimiser, loss and updates are those of the plain baseline."""
    plain = read(FOLDER.parent / "unet_l2.toml", ON_PHANTOMS, parts=load_parts())
    for file in FILES:
        recipe = read(FOLDER / file, ON_PHANTOMS, parts=load_parts())
        assert (recipe.optim, recipe.objective, recipe.train, recipe.augment) == (
            plain.optim,
            plain.objective,
            plain.train,
            plain.augment,
        )
