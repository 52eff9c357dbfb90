"""Scatter and noise on light."""

import math

import pytest
import torch

from repcat.data.film.detector import BODY, PHOTONS, Exposed, add_scatter
from repcat.rng import generator


def body():
    """Return the light behind a disc of line integral 3 in an open beam."""
    at = torch.arange(40.0) - 19.5
    return torch.exp(-3.0 * ((at[:, None] ** 2 + at**2) < 14**2).float())


@pytest.mark.parametrize("ratio", [0.2, 0.8, 3.0])
def test_light_scattered_behind_the_body_is_so_much_of_the_primary(ratio):
    light = body()
    added, inside = add_scatter(light, ratio, 5.0, 8.0) - light, -light.log() > BODY
    assert (added[inside].sum() / light[inside].sum()).item() == pytest.approx(ratio, rel=1e-4)
    assert (added >= 0).all() and added[20, 20] > added[0, 0]


def test_an_open_beam_scatters_nothing():
    assert torch.equal(add_scatter(torch.ones(6, 6), 0.5, 3.0, 3.0), torch.ones(6, 6))


def test_counts_vary_as_poissons_do():
    """The variance of counts is their mean: of the light, light / photons of the open beam."""
    light, dose, mm2 = torch.full((200, 200), 0.02), 5.0, 0.04
    seen = Exposed(dose, mm2).counted(light, generator("poisson"))
    assert seen.mean().item() == pytest.approx(0.02, rel=0.01)
    assert seen.var().item() == pytest.approx(0.02 / (PHOTONS * mm2 * dose), rel=0.05)


def test_noise_of_electronics_is_that_of_so_much_dose_wherever_it_is_dark():
    dose, mm2, hum = 100.0, 0.04, 0.5
    how = Exposed(dose, mm2, hum, quantum=False)
    for value in (0.0, 0.5):
        seen = how.counted(torch.full((200, 200), value), generator("hum"))
        want = math.sqrt(PHOTONS * mm2 * hum) / (PHOTONS * mm2 * dose)
        assert seen.std().item() == pytest.approx(want, rel=0.05)
        assert seen.mean().item() == pytest.approx(value, abs=want / 20)


def test_a_detector_without_noise_counts_the_light():
    light = body()
    seen = Exposed(10.0, 1.0, quantum=False).counted(light, generator("none"))
    assert torch.allclose(seen, light)


@pytest.mark.parametrize(("ratio", "least", "most"), [(0.6, 0.8, 0.97), (0.15, 0.5, 0.85)])
def test_behind_the_mediastinum_most_light_is_scattered(ratio, least, most):
    """About 90 % without a grid, more than half with one (Niklason et al. 1981)."""
    integrals = torch.full((64, 64), 3.0)
    integrals[:, 26:38] = 6.0
    light = torch.exp(-integrals)
    seen = add_scatter(light, ratio, 11.0, 11.0)
    assert least < (1 - light / seen)[32, 32] < most


def test_light_that_rounding_made_more_than_the_open_beam_scatters_nothing_away():
    """Behind lead there is no light, and no less: its count is drawn by Poisson's law."""
    light = body()
    light[light == 1] = 1 + 2e-7
    light[:3, :3] = 0.0  # a corner where nothing comes from the body
    seen = add_scatter(light, 0.5, 0.5, 0.5)
    assert (seen >= light).all()
    assert (Exposed(10.0, 1.0).counted(seen, generator("lead")) >= 0).all()
