"""What a vendor's display does."""

import sys

import numpy as np
import pytest
import torch

from repcat.data.film.display import clahe, letters, sigmoid, unit
from repcat.data.film.scene import Frame
from repcat.errors import RecipeError
from repcat.rng import generator

FRAME = Frame((64, 64), (6.0, 6.0))
SLOPE = torch.linspace(0, 1, 64).expand(64, 64)


def test_a_sigmoid_rises_from_0_to_1_and_is_steepest_at_its_centre():
    curve = sigmoid(SLOPE, 1.0, 0.4)[0]
    assert curve[0] == 0 and curve[-1] == pytest.approx(1) and (curve.diff() > 0).all()
    assert abs(SLOPE[0, curve.diff().argmax()] - 0.4) < 0.02
    assert torch.equal(sigmoid(SLOPE, 0.0, 0.4), SLOPE)


def test_an_image_of_one_grey_stays_finite():
    assert torch.equal(unit(torch.full((3, 3), 5.0)), torch.zeros(3, 3))


def test_clahe_is_scikit_images():
    from skimage.exposure import equalize_adapthist

    image = torch.rand(40, 40, generator=generator("clahe")) * SLOPE[:40, :40]
    want = equalize_adapthist(image.double().numpy(), clip_limit=0.02)
    assert np.allclose(clahe(image, 0.02).numpy(), want, atol=1e-6)


def test_clahe_takes_what_rounding_left_beside_0_and_1():
    assert clahe(SLOPE * (1 + 1e-6) - 1e-7, 0.02).aminmax().max == 1


def test_without_scikit_image_clahe_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.exposure", None)
    with pytest.raises(RecipeError, match=r"pip install 'repcat\[film\]'") as told:
        clahe(SLOPE, 0.02)
    assert told.value.code == "no-clahe"


def test_letters_are_bright_and_stand_near_a_side():
    for k in range(20):
        added = letters(torch.zeros(64, 64), FRAME, 1, generator("letters", k))
        rows, columns = added.nonzero(as_tuple=True)
        assert 0.3 < added.max() <= 1 and rows.max() - rows.min() <= 25 / 6 + 1
        assert columns.min() <= 0.2 * 64 or columns.max() >= 0.8 * 64 - 1


def test_letters_that_do_not_fit_are_cut_down():
    assert letters(torch.zeros(8, 8), Frame((8, 8), (1.0, 1.0)), 3, generator(0)).shape == (8, 8)
