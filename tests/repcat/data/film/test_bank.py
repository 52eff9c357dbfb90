"""Films of line integrals: what each effect does, and that draws are a seed's."""

from dataclasses import replace

import pytest
import torch

from repcat import preset
from repcat.config.film_table import BANK, FilmTable
from repcat.data.film.bank import FilmBank
from repcat.data.film.effects import EFFECTS, NONE, alone, effects_of
from repcat.data.grey_levels import HIGH, LOW, percentiles
from repcat.rng import generator

SCENE = preset("film", size=32, cube_mm=400.0)


@pytest.fixture
def chest():
    """Return line integrals of two views of a body with a spine, the part in bone, and greys."""
    at = (torch.arange(32.0) - 15.5) * 12.5
    off = at[:, None] ** 2 / 170**2 + at**2 / 140**2
    flesh = 5.0 * (1 - off).clamp(min=0).sqrt()
    bone = 1.2 * (at.abs() < 25).float() * (flesh > 0)
    integrals = torch.stack((flesh + bone, 0.8 * flesh + bone))
    units = integrals / integrals.amax((1, 2), keepdim=True)
    greys = torch.stack([percentiles(one[None]) for one in units])
    return integrals, torch.stack((bone, bone)), greys


def films(table, chest, *names):
    integrals, bone, greys = chest
    return FilmBank(table, SCENE)(integrals, greys, generator("film", *names), bone)


def test_without_effects_a_film_of_an_xray_is_the_xray_as_it_was_read(chest):
    """Its percentiles are the training's own, so that matching them changes nothing."""
    units = chest[0] / chest[0].amax((1, 2), keepdim=True)
    assert torch.allclose(films(NONE, chest), units, atol=1e-4)


def test_every_film_has_the_2nd_and_98th_percentile_that_training_xrays_have(chest):
    for k in range(10):
        for image, greys in zip(films(replace(BANK, p=1.0), chest, k), chest[2], strict=True):
            own = percentiles(image[None])
            assert torch.allclose(own[[LOW, HIGH]], greys[[LOW, HIGH]], atol=2e-3)


def test_films_are_a_function_of_the_chance_alone(chest):
    one, same, other = (films(BANK, chest, name) for name in ("a", "a", "b"))
    assert torch.equal(one, same) and not torch.allclose(one, other, atol=0.01)


@pytest.mark.parametrize("effect", EFFECTS)
def test_each_effect_changes_films_and_none_does_where_it_befalls_none(chest, effect):
    table = alone(replace(BANK, dose=(0.1, 0.2), blur=20.0), effect)
    plain = films(NONE, chest)
    changed = max((films(table, chest, k) - plain).abs().max().item() for k in range(6))
    assert changed > 0.003, effect
    assert torch.equal(films(replace(table, each=0.0), chest), plain)


def test_the_first_film_is_the_breath_that_the_volume_shows(chest):
    plain = films(NONE, chest)
    table = alone(replace(BANK, breath_shift=40.0), "breath")
    seen = [films(table, chest, k) - plain for k in range(4)]
    assert all(one[0].abs().max() == 0 for one in seen)
    assert max(one[1].abs().max() for one in seen) > 0.1


def test_a_grid_leaves_more_contrast(chest):
    """Behind the spine of the first view, against the flesh beside it."""

    def contrast(effect):
        seen = torch.stack([films(alone(BANK, effect), chest, k)[0] for k in range(8)]).mean(0)
        return (seen[16, 15] - seen[16, 19]).item()

    plain = films(NONE, chest)[0]
    assert contrast("scatter") < contrast("scatter, grid") < plain[16, 15] - plain[16, 19]


def test_views_are_drawn_apart(chest):
    """Two views alike become films that are not."""
    integrals, bone, greys = (one[:1].expand(2, *one.shape[1:]) for one in chest)
    table = replace(BANK, p=1.0, each=1.0, breath_scale=0.0, breath_shift=0.0)
    one, other = FilmBank(table, SCENE)(integrals, greys, generator("apart"), bone)
    assert not torch.allclose(one, other, atol=0.01)


def test_so_many_become_films_as_the_share_says():
    bank = FilmBank(FilmTable(p=0.3), SCENE)
    count = sum(bank.befalls(generator("share", k)) for k in range(600))
    assert abs(count - 180) < 4 * (600 * 0.3 * 0.7) ** 0.5


def test_effects_are_told_of_a_table():
    assert effects_of(NONE) == [] and effects_of(BANK) == [*EFFECTS]
    assert effects_of(FilmTable(scatter=(0.1, 0.2), arms=5.0)) == ["arms", "scatter"]


def test_dense_and_empty_xrays_stay_finite(chest):
    _, _, greys = chest
    for value in (0.0, 40.0):
        flat = torch.full((2, 32, 32), value)
        for k in range(3):
            assert FilmBank(BANK, SCENE)(flat, greys, generator(k), flat / 2).isfinite().all()
