"""Each shipped study and ablation: every row builds at its true size and trains two steps small."""

import tomllib
from pathlib import Path

import pytest
import torch

from repcat.config.load import merge, read_tables
from repcat.config.validate import check_recipe
from repcat.errors import RecipeError
from repcat.models.build import build_network, build_objective, make_task, open_patients
from repcat.registry.plugins import load_parts
from repcat.studies.expand import variants
from repcat.studies.spec import read_study
from repcat.training.session import Session

RECIPES = Path(__file__).parents[2] / "recipes"
ABLATIONS = sorted(RECIPES.glob("ablations/*.toml"))
STUDIES = sorted(RECIPES.glob("studies/*.toml"))
NAMES = (
    "alignment augmentation backbones convergence extractor field figure3 figure6 figure7 lambda_k "
    "lifted potential real small_data table1 table2 transport"
)
MIXED = "mixed"  # needs scans beside its phantoms: test_mixed trains on such
SMALL = [
    'backbone = {use = "unet", channels = [4, 8, 16], strides = [2, 2], res_units = 1}',
    "train = {steps = 2, batch_size = 1, workers = 0}",
]
BUILT = {}  # task and network on the meta device, by all that they follow from
# of parts that some study has a row of
SMALLER = [
    *("backbone.width = 4", "backbone.widest = 8", "backbone.latent = 4", "backbone.groups = 2"),
    *("backbone.feature_size = 12", "backbone.hidden_size = 12", "backbone.mlp_dim = 8"),
    *("objective.features = 2", "objective.critic_width = 1"),
    *("objective.critic_widest = 2", 'mapper.name = "resnet10t"', "objective.inner_steps = 1"),
]


def small(study, parts):
    """Return the settings that some row of a study takes."""
    chosen = {variant.recipe.dataset.use for variant in variants(study, [], parts)}
    # UNETR reads patches of 16^3 and four levels, the feature extractor 24^3 at least
    size = 32 if study.title == "Backbones" else 24
    boxes = ['data.use = "blobs"'] * bool(chosen & {"prepared", "phantoms"})
    found = [*boxes, f"data.size = {size}", *SMALL]
    for setting in SMALLER:
        try:
            variants(study, [*found, setting], parts)
        except RecipeError as error:
            assert "no row has this option" in str(error)
        else:
            found.append(setting)
    return found


def ready(file):
    """Return the rows that are trained, on phantoms at their true size."""
    parts = load_parts()
    found = variants(read_study(file, parts), ['data.use = "phantoms"'], parts)
    return [one for one in found if one.recipe.dataset.use != MIXED]


@pytest.mark.parametrize("file", STUDIES, ids=lambda f: f.stem)
def test_every_row_builds_at_its_true_size(file):
    for variant in ready(file):
        build_on_meta(variant.recipe)


def build_on_meta(recipe):
    """Build an objective, and its network where no row before had the same."""
    tables, options = recipe.to_tables(), recipe.train
    network_of = [tables[name] for name in ("data", "mapper", "backbone", "augment")]
    key = repr((network_of, options.seed, options.has_quantiles))
    with torch.device("meta"):
        if key not in BUILT:
            task = make_task(recipe, open_patients(recipe, load_parts()), load_parts())
            BUILT[key] = task, build_network(recipe, task, load_parts())
        build_objective(recipe, *BUILT[key], load_parts())


def test_the_studies_of_the_issue_are_there():
    assert [f.stem for f in STUDIES] == NAMES.split()


def test_an_ablation_extends_and_is_five_lines_at_most_below_its_comment():
    for file in ABLATIONS:
        text = file.read_text()
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert len(lines) <= 5 and "extends" in tomllib.loads(text), file


@pytest.mark.parametrize("file", ABLATIONS, ids=lambda f: f.stem)
def test_an_ablation_changes_something_and_repeats_nothing(file):
    own = tomllib.loads(file.read_text())
    below = read_tables(file.parent / own.pop("extends"))
    for name, table in own.items():
        if table.get("use", below[name].get("use")) == below[name].get("use"):
            assert all(below[name].get(key) != value for key, value in table.items())
    tables = merge(read_tables(file), {"data": {"use": "phantoms", "size": 64}})
    build_on_meta(check_recipe(tables, str(file), load_parts()))


@pytest.mark.slow
@pytest.mark.parametrize("file", STUDIES, ids=lambda f: f.stem)
def test_every_row_trains_two_steps_small(file, parts):
    study = read_study(file, parts)
    for variant in variants(study, small(study, parts), parts):
        # Swin UNETR takes no fewer than 64 voxels a side, rivals have networks of their own that
        # the small U-Net would replace: test_recipes trains both
        rival = variant.row.recipe.parent.name == "baselines"
        mixed = variant.recipe.dataset.use == MIXED
        if variant.recipe.backbone.use != "swin_unetr" and not rival and not mixed:
            session = Session(variant.recipe, open_patients(variant.recipe, parts), parts, "cpu")
            for _ in range(2):
                session.run_step()
            assert all(p.isfinite().all() for p in session.network.parameters()), variant.row.name
