from dataclasses import replace

import pytest
import torch

from repcat.errors import DataError
from repcat.geometry import Geometry, preset
from repcat.radiographs.exposure import Exposure
from repcat.radiographs.radiograph import Film
from repcat.radiographs.resample import check_large_enough, onto_detector, reduce, scale
from repcat.view import View
from repcat_plugins.projectors.march import march

SCENE = preset("default", size=32, cube_mm=320.0)  # 10 mm a pixel at the isocentre


def test_a_film_as_large_and_fine_as_the_detector_is_kept():
    image = torch.rand(32, 32)
    film = scale(Film(image), SCENE)
    assert film.mm == pytest.approx((10.0, 10.0))
    assert torch.allclose(onto_detector(film, SCENE), image, atol=1e-6)


def test_finer_pixels_are_averaged_by_area():
    image = torch.rand(128, 128)
    seen = onto_detector(scale(Film(image), SCENE), SCENE)
    blocks = image.reshape(32, 4, 32, 4).mean((1, 3))
    assert torch.allclose(seen, blocks, atol=1e-5)


def test_a_thing_of_known_size_is_seen_where_the_geometry_says():
    """A bright square 40 mm to the left and 60 mm below the axis, pixels of 1 by 2 mm."""
    image = torch.zeros(320, 160)
    image[160 + 55 : 160 + 65, 80 + 17 : 80 + 23] = 1
    seen = onto_detector(Film(image, mm=(1.0, 2.0)), SCENE)
    weights = seen / seen.sum()
    place = torch.stack([(weights.sum(1 - k) * torch.arange(32)).sum() for k in (0, 1)])
    point = torch.tensor([40.0, 0.0, -60.0])
    assert place == pytest.approx(SCENE.pixel_index(point, View(0)), abs=0.02)


def test_a_film_of_told_height_is_as_much_smaller_at_the_patient_as_the_source_says():
    film = Film(torch.rand(64, 32), mm=(1.0, 2.0), height_mm=400.0, exposure=Exposure(1500, 1000))
    found = scale(film, SCENE)
    assert found.mm == pytest.approx((400 / 64 / 1.5, 2 * 400 / 64 / 1.5))
    assert "the film is 400 mm high, as told" in found.steps
    assert found.steps[-1].startswith("magnification 1.5: 1500 mm from source to film")


def test_the_pitch_of_a_film_whose_source_nobody_told_is_a_chest_films():
    found = scale(Film(torch.rand(400, 400), mm=(1.0, 1.0), at_film=True), SCENE)
    assert found.mm == pytest.approx((1600 / 1800,) * 2) and not found.at_film
    assert (
        "magnification 1.12: 1800 mm from source to film, 1600 to axis (assumed" in found.steps[-1]
    )


def test_a_projection_of_known_scale_is_found_again_by_height_and_source():
    """A ball of 100 mm on the axis, on a film from 1400 mm: as large as the model would see it."""
    scene = Geometry(
        (32, 32, 32), (10.0,) * 3, (256, 256), (1.6, 1.6), source_axis_mm=1400,
        source_detector_mm=1800,
    )  # fmt: skip
    z, y, x = (c for c in scene.voxel_centres().flip(-1).unbind(-1))
    ball = (x**2 + y**2 + z**2 < 100**2).float() * 0.02
    shadow = march(step_mm=2.0)(ball, scene, (View(0.0),))[0]
    told = Film(shadow, height_mm=256 * 1.6, exposure=Exposure(1800, 1400))
    seen = onto_detector(scale(told, SCENE), SCENE)
    same = replace(scene, pixels=(32, 32), pixel_mm=(10 * 1800 / 1400,) * 2)  # SCENE's pitch there
    own = march(step_mm=2.0)(ball, same, (View(0.0),))[0]
    widths = [float((image > image.max() / 3).sum()) for image in (seen, own)]
    assert widths[0] == pytest.approx(widths[1], rel=0.04)
    wrong = onto_detector(scale(Film(shadow, height_mm=256 * 1.6), SCENE), SCENE)
    assert float((wrong > wrong.max() / 3).sum()) > 1.15 * widths[1]  # 1800:1600 is not its source


@pytest.mark.parametrize("text", ["1800:1900", "wide", "1800:", "100:50", "1e9"])
def test_distances_that_no_source_has_are_refused(text):
    with pytest.raises(DataError, match="code: source-distances"):
        Exposure.parse(text)


def test_a_films_distance_alone_leaves_a_patient_200_mm_before_it():
    assert Exposure.parse("1500") == Exposure(1500.0, 1300.0)
    assert Exposure.parse("1800:1600").magnification == 1.125


@pytest.mark.parametrize("mm", [(0.001, 0.001), (50.0, 50.0)])
def test_a_pitch_of_no_human_size_is_not_believed(mm):
    film = scale(Film(torch.rand(64, 64), mm=mm), SCENE)
    assert film.mm == pytest.approx((5.0, 5.0)) and "not believed" in film.steps[0]


def test_the_edge_goes_on_where_a_film_is_smaller_than_the_field():
    seen = onto_detector(Film(torch.full((100, 100), 0.5), mm=(1.5, 1.5)), SCENE)
    assert torch.allclose(seen, torch.full((32, 32), 0.5))


def test_large_films_are_averaged_first_and_keep_their_size_in_mm():
    film = reduce(Film(torch.rand(2000, 1000), mm=(0.2, 0.2)))
    assert film.pixels.shape == (768, 384)
    assert film.mm == pytest.approx((2000 * 0.2 / 768,) * 2)
    assert film.pixels.mean() == pytest.approx(0.5, abs=0.01)


def test_fewer_pixels_than_the_model_reads_are_refused():
    with pytest.raises(DataError, match="40 x 20 pixels are fewer than the 32 x 32"):
        check_large_enough(Film(torch.rand(40, 20)), SCENE)
