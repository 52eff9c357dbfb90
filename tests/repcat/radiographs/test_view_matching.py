import pytest
import torch

from repcat.errors import DataError
from repcat.geometry import preset
from repcat.radiographs.cli_argument import view_of
from repcat.radiographs.radiograph import Film
from repcat.radiographs.view_matching import Placed, align, at_any_angle, in_order
from repcat.view import View

CONE, PARALLEL = (preset(n, size=8, cube_mm=400.0) for n in ("default", "parallel"))
IMAGE = torch.arange(12.0).reshape(3, 4)


def placed(angle, name="a.png", axes=None):
    return Placed(Film(IMAGE, name=name, axes=axes), view_of(angle), str(angle))


def test_films_come_in_the_order_of_training():
    found = in_order([placed(90), placed("ap")], (View(0), View(90)))
    assert [f.said for f in found] == ["ap", "90"]


@pytest.mark.parametrize(
    ("angles", "said"),
    [
        (["pa", "0"], r"a\.png and a\.png are both given for 0 degrees"),
        (["pa"], r"reads 2 views, at 0, 90 degrees; you gave 1, at 0; .*data\.views = \[0\]'"),
        (["pa", "45"], "you gave 2, at 0, 45"),
        (["pa", "ap"], "you gave 2, at 0, 180"),
        (["pa", "90", "45"], "you gave 3"),
    ],
)
def test_views_that_were_not_trained_are_refused(angles, said):
    with pytest.raises(DataError, match=said):
        in_order([placed(a) for a in angles], (View(0), View(90)))


def test_a_model_of_any_views_takes_one_to_eight_films_as_they_are_given():
    films = [placed(a) for a in (200, "ap", 37)]
    assert at_any_angle(films) == films
    for wrong in ([], [placed(20 * k) for k in range(9)]):
        with pytest.raises(DataError, match=f"you gave {len(wrong)} X-rays; .*takes 1 to 8"):
            at_any_angle(wrong)
    with pytest.raises(DataError, match="both given for 180 degrees"):
        at_any_angle([placed("ap"), placed(180)])


@pytest.mark.parametrize(
    ("angle", "trained", "flipped"),
    [
        ("pa", View(0), False),
        ("ap", View(0), False),  # a radiologist reads both with the right on the left
        ("180", View(0), True),  # the bare film, as its detector sees it
        ("left_lateral", View(90), False),
        ("right_lateral", View(90), True),
        ("pa", View(0, mirrored=True), True),
    ],
)
def test_films_are_flipped_to_the_columns_of_training(angle, trained, flipped):
    film = align(placed(angle), trained, PARALLEL)
    assert torch.equal(film.pixels, IMAGE.flip(-1) if flipped else IMAGE)
    assert any("mirrored left to right" in s for s in film.steps) == flipped


def test_a_flipped_projection_of_the_other_side_is_the_trained_view_for_parallel_rays():
    """The geometry's own pixels: those of a right lateral, mirrored, see what a left one's do."""
    point = torch.tensor([30.0, 50.0, 70.0], dtype=torch.float64)
    left, right = (PARALLEL.pixel_index(point, View(a)) for a in (90, 270))
    assert torch.allclose(left, torch.stack((right[0], PARALLEL.pixels[1] - 1 - right[1])))


def test_a_source_on_the_other_side_is_a_warning_in_a_cone_beam_only():
    assert not align(placed("ap"), View(0), PARALLEL).cautions
    (caution,) = align(placed("ap"), View(0), CONE).cautions
    assert caution.code == "opposite_view"
    assert caution.measure == pytest.approx((541 + 80) / (541 - 80))


def test_the_headers_directions_go_before_the_views_convention():
    film = align(placed("pa", axes=("R", "H")), View(0), CONE)
    assert torch.equal(film.pixels, IMAGE.flip(0, 1))
    assert film.oriented and "PatientOrientation R/H" in film.steps[0]
    film = align(placed("pa", axes=("A", "F")), View(0), CONE)
    assert torch.equal(film.pixels, IMAGE)
    assert [c.code for c in film.cautions] == ["tag"] and not film.oriented
