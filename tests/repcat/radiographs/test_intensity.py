import pytest
import torch

from repcat.data.grey_levels import match, percentiles
from repcat.radiographs.intensity import absorb
from repcat.radiographs.radiograph import Film


@pytest.fixture
def trained():
    return torch.rand(5, 32, 32, generator=torch.Generator().manual_seed(0)) ** 2


def test_counts_become_line_integrals():
    integrals = torch.rand(40, 40) * 4
    integrals[0] = 0
    film = absorb(Film(1e5 * torch.exp(-integrals)), "counts")
    assert torch.allclose(film.pixels, integrals, atol=1e-3)


def test_dark_bone_is_inverted_and_said():
    film = absorb(Film(torch.tensor([[1.0, 5.0]])), "bone_dark")
    assert film.pixels.tolist() == [[4, 0]] and film.steps == ("inverted: bone was dark",)


@pytest.mark.parametrize("how", ["percentile", "histogram"])
def test_another_scale_of_grey_is_taken_back(trained, how):
    goal = percentiles(trained)
    found = match(trained[0] * 700 + 90, percentiles(trained[:1]), how)
    assert torch.allclose(found, trained[0], atol=0.02)
    assert goal.shape == (101,)


def test_a_bent_scale_of_grey_is_taken_back_by_the_histogram_alone(trained):
    own = percentiles(trained[:1])
    assert torch.allclose(match(trained[0].sqrt() * 9, own, "histogram"), trained[0], atol=0.03)
    assert not torch.allclose(match(trained[0].sqrt() * 9, own, "percentile"), trained[0], atol=0.1)


def test_none_only_clips():
    assert match(torch.tensor([[-1.0, 0.5, 2.0]]), torch.zeros(101), "none").tolist() == [
        [0, 0.5, 1]
    ]
