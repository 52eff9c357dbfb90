"""A film to what the model reads, every step of it in words."""

import pytest
import torch

from repcat import Handling, View
from repcat.data.intensity import to_unit
from repcat.errors import DataError
from repcat.radiographs.orientation import turn
from repcat.radiographs.preprocess import Developer
from repcat.radiographs.radiograph import Film
from repcat.radiographs.view_matching import Placed


@pytest.fixture
def develop(phantoms, reference):
    """Return what develops a frontal film with the options of `Handling`."""

    def make(pixels, kind=None, **handling):
        developer = Developer(phantoms.recipe, reference, Handling(**handling))
        return developer.develop(Placed(Film(pixels, grey=kind), View(0.0), "pa"), View(0.0))

    return make


@pytest.fixture
def integrals(phantoms):
    """Line integrals (24, 24) of a held-out phantom from the front."""
    return phantoms.patients.load("phantom-200000").integrals[0].float()


def test_line_integrals_are_scaled_as_in_training_and_not_matched(develop, integrals):
    image, film = develop(integrals, "integrals")
    assert torch.allclose(image, to_unit(integrals), atol=1e-6)
    assert film.steps[-1] == "line integrals scaled as in training (max)"


def test_grey_values_are_matched_to_the_training_by_percentile_or_as_told(develop, integrals):
    image, film = develop(integrals * 300 + 50, "bone_bright")
    assert (image - to_unit(integrals)).abs().mean() < 0.05
    assert film.steps[-1] == "grey values matched to the training X-rays by percentile"
    for how in ("histogram", "none"):
        steps = develop(integrals * 300 + 50, "bone_bright", match=how)[1].steps
        assert any("histogram" in step for step in steps) == (how == "histogram")


@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_a_negative_is_known_by_the_training_x_rays_unless_it_is_told(develop, integrals, scale):
    negative = (integrals.max() - integrals) * scale
    right, film = develop(negative)
    assert "inverted: bone was dark" in film.steps
    assert torch.allclose(right, develop(integrals * scale)[0], atol=1e-5)
    assert "inverted: bone was dark" not in develop(negative, grey="bone_bright")[1].steps
    assert "inverted: bone was dark" in develop(integrals, "bone_bright", grey="bone_dark")[1].steps


def test_counts_give_the_integrals_that_made_them(develop, integrals):
    image, film = develop(60000 * torch.exp(-integrals), "counts")
    assert film.steps[0].startswith("-log(counts / ")
    assert (image - to_unit(integrals)).abs().mean() < 0.05


def test_a_film_that_looks_turned_is_turned_back_only_when_asked(develop, integrals):
    upside_down = turn(integrals, 2)
    assert torch.allclose(develop(upside_down, "integrals")[0], to_unit(upside_down), atol=1e-6)
    image, film = develop(upside_down, "integrals", turn="auto")
    assert torch.allclose(image, to_unit(integrals), atol=1e-6)
    assert any("upside down" in step and "it looked" in step for step in film.steps)


def test_a_thumbnail_is_refused(develop):
    with pytest.raises(DataError, match="12 x 24 pixels are fewer than the 24 x 24"):
        develop(torch.zeros(12, 24))
