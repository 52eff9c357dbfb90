"""What speaks against an image that is about to be read as a view."""

from dataclasses import replace

import pytest
import torch

from repcat import View
from repcat.errors import DataError
from repcat.radiographs.checks import cautions_of, check_no_slice, few_cautions
from repcat.radiographs.orientation import NAMES, turn
from repcat.radiographs.radiograph import Film

VIEWS = (View(0.0), View(90.0))


def codes(image, view, reference, oriented=False):
    return [c.code for c in cautions_of(image, VIEWS[view], VIEWS, reference, oriented)]


@pytest.fixture
def pair(phantoms):
    """The X-rays of a phantom for training, frontal and lateral."""
    return phantoms.pair(phantoms.patients.ids("train")[0])[0]


def test_a_training_x_ray_is_read_without_a_word(pair, reference):
    assert [codes(image, k, reference) for k, image in enumerate(pair)] == [[], []]


def test_a_view_in_the_place_of_the_other_asks_whether_files_are_swapped(pair, reference):
    (caution,) = [c for c in cautions_of(pair[1], VIEWS[0], VIEWS, reference) if c.code == "view"]
    assert caution.text == ("the X-ray given at 0 degrees looks like one at 90: are files swapped?")
    assert caution.measure < caution.limit


def test_a_single_view_cannot_be_swapped(pair, reference):
    assert "view" not in [c.code for c in cautions_of(pair[1], VIEWS[0], VIEWS[:1], reference)]


@pytest.mark.parametrize("number", [2, 4, 6])
def test_a_turned_image_is_named_with_both_beliefs(pair, reference, number):
    (caution,) = cautions_of(turn(pair[0], number), VIEWS[0], VIEWS, reference)
    assert caution.code == "orientation" and f"looks {NAMES[number]} (" in caution.text
    assert caution.measure < caution.limit


def test_what_resembles_no_chest_is_told_so_and_nothing_else(reference):
    # 24 phantoms of 24 pixels stray so much that nothing is 4 times as far: say they stray half
    strict = replace(reference, spaces=[replace(s, limit=s.limit / 2) for s in reference.spaces])
    board = (torch.arange(24)[:, None] // 2 + torch.arange(24) // 2) % 2
    assert "far" in codes(board.float(), 0, reference)
    (caution,) = cautions_of(board.float(), VIEWS[0], VIEWS, strict)
    assert caution.code == "no_chest" and caution.measure > caution.limit == 4


def test_a_slice_is_refused_by_its_shape_where_it_is_far_from_x_rays(pair, reference):
    z, x = torch.meshgrid(*[torch.linspace(-1, 1, 64)] * 2, indexing="ij")
    body = ((x / 0.8) ** 2 + (z / 0.6) ** 2 < 1).float()
    far = torch.rand(24, 24, generator=torch.Generator().manual_seed(0))
    with pytest.raises(DataError, match=r"a\.png: an axial CT slice, .* give a radiograph"):
        check_no_slice(Film(body, name="a.png"), far, VIEWS[0], reference)
    check_no_slice(Film(body, name="a.png"), pair[0], VIEWS[0], reference)  # near: it is one
    check_no_slice(Film(pair[0], name="a.png"), far, VIEWS[0], reference)  # of another shape
    taken = check_no_slice(Film(body, name="a.png"), far, VIEWS[0], reference, accepted=True)
    (told,) = taken.cautions
    assert told.code == "axial_slice" and told.measure is not None and told.measure > 2


@pytest.mark.parametrize(("count", "told"), [(0, False), (5, True), (29, True), (30, False)])
def test_guards_that_know_few_patients_say_so(reference, count: int, told: bool) -> None:
    found = few_cautions(replace(reference, count=count))
    assert bool(found) == told
    if told:
        assert f"{count} training patients of phantoms" in found[0].text
