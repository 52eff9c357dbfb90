"""The rivals' recipes against what was published of them."""

from pathlib import Path

import pytest

from repcat.config.load import read_tables
from repcat.config.schema import OptimTable
from repcat.training.lr_schedule import rate

BASELINES = Path(__file__).parents[2] / "recipes" / "baselines"
# families that differ from the plain baseline in mapper and backbone alone
FAMILIES = [
    "back_projection",
    "latent_concat_1d",
    "permute_concat_2d",
    "pixel_aligned",
    "replicate_average",
    "sart",
]
EPOCHS, PATIENTS, BATCH = 100, 916, 4


def published(epoch):
    """1 - max(0, e + 1 - 50) / 51 of X2CT-GAN's learning rate in epoch e, from 0."""
    return 1 - max(0, epoch + 1 - 50) / 51


def test_x2ct_gans_line_runs_through_the_middle_of_its_published_staircase():
    tables = read_tables(BASELINES / "x2ct_gan.toml")
    optim, steps = OptimTable(**tables["optim"]), tables["train"]["steps"]
    epoch = PATIENTS // BATCH
    assert (steps, tables["train"]["batch_size"]) == (EPOCHS * epoch, BATCH)
    for e in range(EPOCHS):
        at = [rate(optim, step, steps) for step in range(e * epoch, (e + 1) * epoch)]
        # it leaves 1 half an epoch early: there the means are an eighth of a stair apart
        assert sum(at) / epoch == pytest.approx(published(e), abs=1 / 8 / 51)
        assert max(abs(a - published(e)) for a in at) < 0.5 / 51 + 1e-4


def test_the_first_and_the_last_rate_are_the_published_ones():
    tables = read_tables(BASELINES / "x2ct_gan.toml")
    optim = OptimTable(**tables["optim"])
    assert (optim.name, optim.lr, optim.betas) == ("adam", 2e-4, [0.5, 0.99])
    assert rate(optim, 0, 22900) == 1.0
    assert 0 < rate(optim, 22899, 22900) < 1 / 51


@pytest.mark.parametrize("file", ["x2ct_cnn", "x2ct_gan_one_view", "ccx_standin"])
def test_the_others_extend_it_and_say_only_what_differs(file):
    below = read_tables(BASELINES / "x2ct_gan.toml")
    tables = read_tables(BASELINES / f"{file}.toml")
    differ = {name for name in below if tables[name] != below[name]}
    expected = {
        "x2ct_cnn": {"objective"},
        "x2ct_gan_one_view": {"data"},
        "ccx_standin": {"objective", "backbone"},
    }
    assert differ == expected[file]


@pytest.mark.parametrize("file", FAMILIES)
def test_the_families_are_trained_alike(file):
    plain = read_tables(BASELINES.parent / "unet_l2.toml")
    tables = read_tables(BASELINES / f"{file}.toml")
    assert all(tables[name] == plain[name] for name in plain if name not in ("mapper", "backbone"))
