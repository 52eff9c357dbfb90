"""Smoothing by a Gaussian."""

import pytest
import torch

from repcat.data.film.smooth import smooth


@pytest.mark.parametrize("sigma", [0.7, 2.0, 6.0])
def test_a_point_spreads_to_the_variance_of_the_gaussian(sigma):
    point = torch.zeros(81, 81)
    point[40, 40] = 1
    spread = smooth(point, sigma, 1e-6)
    at = torch.arange(81.0) - 40
    assert spread.sum().item() == pytest.approx(1, abs=1e-5)
    assert (spread.sum(1) * at**2).sum().item() == pytest.approx(sigma**2, rel=0.03)


def test_an_even_image_stays_even_however_wide_the_gaussian():
    assert torch.allclose(smooth(torch.full((9, 7), 3.0), 20.0, 5.0), torch.tensor(3.0))


def test_a_sigma_of_nothing_leaves_the_image():
    image = torch.rand(5, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(smooth(image, 0.0, 0.0), image)
