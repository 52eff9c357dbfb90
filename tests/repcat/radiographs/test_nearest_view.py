import pytest
import torch

from repcat.geometry import preset
from repcat.radiographs import novelty, orientation_model
from repcat.radiographs.nearest_view import Nearest, nearest
from repcat.radiographs.orientation import turn
from repcat.radiographs.training_reference import TrainingReference
from repcat.rng import generator
from repcat.view import View

TWO = (View(0), View(90))


@pytest.mark.parametrize(
    ("view", "found"),
    [
        (View(0), Nearest(0, 0)),
        (View(0, mirrored=True), Nearest(0, 0, mirrored=True)),
        (View(350), Nearest(0, 10)),
        (View(50), Nearest(1, 40)),
        (View(180), Nearest(0, 0, mirrored=True)),  # the bare film of AP: seen from the other side
        (View(180, mirrored=True), Nearest(0, 0)),  # as it is read, with the right on the left
        (View(285, mirrored=True), Nearest(1, 15)),
        (View(0, tilt=12), Nearest(0, pytest.approx(12))),
        (View(180, tilt=12), Nearest(0, pytest.approx(12), mirrored=True)),
    ],
)
def test_the_nearest_trained_view_also_from_the_other_side(view, found):
    assert nearest(view, TWO) == found


def test_a_view_that_was_trained_itself_goes_before_its_opposite():
    assert nearest(View(180), (View(0), View(180))) == Nearest(1, 0)


def test_fifteen_degrees_are_near_and_more_are_not():
    assert nearest(View(105), TWO).near and not nearest(View(106), TWO).near


def test_a_mirrored_view_is_judged_as_its_mirror_image_is(shades):
    """Belief in each turn of a film at 0 is belief in that turn of its mirror image, mirrored."""
    film = torch.from_numpy(shades[:48, :48].astype("float32")) ** 2
    images = torch.stack([film, film + torch.rand(48, 48, generator=generator("some"))])
    reference = TrainingReference(
        (View(0),),
        orientation_model.fit(images, generator("compass"))[None],
        (novelty.fit(images),),
        torch.zeros(1, 101),
        torch.zeros(1),
        preset("default", size=48, cube_mm=400.0),
        "a test",
    )
    bare, over = View(0), View(0, mirrored=True)
    upside_down = turn(film, 2)
    for image in (film, upside_down):
        one, other = reference.belief(image, bare), reference.belief(image.flip(-1), over)
        assert one[0] == pytest.approx(float(other[0]), abs=1e-4)
        assert one[2] == pytest.approx(float(other[2]), abs=1e-4)
    assert (
        reference.belief(film, bare).argmax() == 0 == reference.belief(film.flip(-1), over).argmax()
    )
