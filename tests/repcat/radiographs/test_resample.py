import pytest
import torch

from repcat.errors import DataError
from repcat.geometry import View, preset
from repcat.radiographs.radiograph import Film
from repcat.radiographs.resample import check_large_enough, onto_detector, reduce, scale

SCENE = preset("default", size=32, cube_mm=320.0)  # 10 mm a pixel at the isocentre


def test_a_film_as_large_and_fine_as_the_detector_is_kept():
    image = torch.rand(32, 32)
    film = scale(Film(image), SCENE, None)
    assert film.mm == pytest.approx((10.0, 10.0))
    assert torch.allclose(onto_detector(film, SCENE), image, atol=1e-6)


def test_finer_pixels_are_averaged_by_area():
    image = torch.rand(128, 128)
    seen = onto_detector(scale(Film(image), SCENE, None), SCENE)
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


def test_the_height_in_mm_can_be_told():
    film = scale(Film(torch.rand(64, 32), mm=(1.0, 2.0)), SCENE, 400.0)
    assert film.mm == (6.25, 12.5) and "400 mm high, as told" in film.steps


@pytest.mark.parametrize("mm", [(0.001, 0.001), (50.0, 50.0)])
def test_a_pitch_of_no_human_size_is_not_believed(mm):
    film = scale(Film(torch.rand(64, 64), mm=mm), SCENE, None)
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
