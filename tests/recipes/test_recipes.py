"""Each shipped recipe loads, builds at its true size, and trains two steps at the smallest one."""

from pathlib import Path

import pytest
import torch

from repcat.arithmetic import Arithmetic, kept_arithmetic
from repcat.config.load import read, read_tables
from repcat.models.build import build_network, build_objective, make_task, open_patients
from repcat.registry.plugins import load_parts
from repcat.training.fit import train
from repcat.training.session import Session

RECIPES = Path(__file__).parents[2] / "recipes"
# studies and ablations have tests of their own: test_studies.py
FILES = sorted(p.name for p in RECIPES.glob("*.toml") if p.name != "coverage.toml")
# recipes of plugins that are distributions of their own
BASELINES = sorted(f"baselines/{p.name}" for p in RECIPES.glob("baselines/*.toml"))
ON_PHANTOMS = [
    'data = {use = "phantoms", train = 2, validation = 1, test = 1}',
    "train.steps = 2",
    "train.batch_size = 1",
    "train.workers = 0",
]
SMALL = {
    "swin_unetr": [
        "backbone.feature_size = 12",
        "backbone.window = 2",
        "backbone.depths = [1, 1, 1, 1]",
        "data.size = 64",
    ],
    "head": [
        "mapper.channels = [2, 8, 8]",
        "mapper.features = [2, 4]",
        "mapper.image_channels = [4, 8, 8]",
        "data.size = 16",
    ],
    "unet": ["backbone.channels = [4, 8]", "data.size = 32"],
    "autoencoder": [
        "backbone.latent = 8",
        "backbone.width = 2",
        "backbone.widest = 8",
        "data.size = 64",
    ],
    "calibration": ["data.size = 16"],
    "x2ct": [
        "backbone.width = 4",
        "backbone.growth = 2",
        "backbone.layers = [1, 1, 1, 1, 1]",
        "backbone.decoder_width = 1",
        "data.size = 64",
    ],
    "x2ct_gan": ["objective.critic_width = 2"],
    "sinkhorn_ot": [
        "objective.inner_steps = 1",
        "objective.features = 2",
        "objective.critic_width = 1",
        "objective.critic_widest = 2",
    ],
}
SMALL["ccx_standin"] = [*SMALL["x2ct"], "backbone.condition = 2"]


def or_skip(file):
    """A recipe, skipped where the plugin that brings one of its parts is not installed."""
    tables, parts = read_tables(RECIPES / file), load_parts()
    kinds = ("mapper", "backbone", "objective")
    missing = [
        f"{kind} {tables[kind]['use']!r}"
        for kind in kinds
        if tables[kind]["use"] not in parts.registry(kind).names()
    ]
    why = f"no installed plugin brings {' or '.join(missing)}"
    # a plugin that is installed and broken is no reason to skip
    skip = pytest.mark.skipif(bool(missing) and not parts.broken, reason=why)
    return pytest.param(file, marks=skip, id=file)


ALL = [or_skip(file) for file in [*FILES, *BASELINES]]


def nothing(*_):
    pass


def recipe_of(file, *settings):
    return read(RECIPES / file, [*ON_PHANTOMS, *settings], parts=load_parts())


def true_recipe(file, tmp_path):
    """The recipe as shipped, on phantoms of its own size and views."""
    from repcat.config.load import merge
    from repcat.config.validate import check_recipe

    tables = read_tables(RECIPES / file)
    said = ("size", "views", "views_drawn", "views_scored", "volume", "xray")
    kept = {k: v for k, v in tables["data"].items() if k in said}
    return check_recipe(merge(tables, {"data": {"use": "phantoms", **kept}}), file, load_parts())


@pytest.mark.parametrize("file", ALL)
def test_a_shipped_recipe_builds_at_its_true_size(file, tmp_path):
    recipe = true_recipe(file, tmp_path)
    with torch.device("meta"):
        task = make_task(recipe, open_patients(recipe, load_parts()), load_parts())
        network = build_network(recipe, task, load_parts())
        build_objective(recipe, task, network, load_parts())
    assert sum(p.numel() for p in network.parameters()) > 0


@pytest.mark.slow
@pytest.mark.parametrize("file", ALL)
def test_a_shipped_recipe_trains_two_steps_and_has_nothing_that_deterministic_refuses(file):
    shipped = recipe_of(file)
    small = [*SMALL.get(shipped.backbone.use, []), *SMALL.get(shipped.objective.use, [])]
    recipe = recipe_of(file, *small)
    with kept_arithmetic():
        Arithmetic.chosen(deterministic=True).set()
        session = Session(recipe, open_patients(recipe, load_parts()), load_parts(), "cpu")
        train(session, nothing, nothing, nothing)
    assert session.step == 2
    assert all(p.isfinite().all() for p in session.network.parameters())


def test_the_released_recipe_differs_from_the_paper_where_the_code_does():
    paper, released = recipe_of("swin_ot.toml"), recipe_of("swin_ot_released.toml")
    assert (paper.optim.lr, released.optim.lr) == (1e-5, 8e-5)
    assert (paper.optim.betas[0], released.optim.betas[0]) == (0.5, 0.9)
    assert (paper.mapper.options["align"], released.mapper.options["align"]) == (
        "transpose",
        "released",
    )
    assert (paper.augment.paired, released.augment.paired) == (True, False)
