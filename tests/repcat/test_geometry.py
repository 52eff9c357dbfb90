"""Axes, distances and the way through detector coordinates and back."""

import json
import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from repcat import Geometry, View, preset
from repcat.errors import PartError, RecipeError


def point(x: float, y: float, z: float) -> Tensor:
    """Return one position (1, 3) in mm."""
    return torch.tensor([[x, y, z]], dtype=torch.float64)


@pytest.fixture
def geometry() -> Geometry:
    return preset("default", size=16, cube_mm=320.0)


@pytest.fixture
def uneven() -> Geometry:
    """Return a scene whose lengths all differ: a volume of 40 x 30 x 16 mm, images of 6 x 20 mm."""
    return Geometry((4, 6, 8), (10.0, 5.0, 2.0), (3, 5), (2.0, 4.0), 100.0, 250.0)


def test_rows_run_to_the_feet_and_columns_of_the_frontal_view_to_the_patients_left(geometry):
    row, column = geometry.pixel_index(point(150, 0, 150), View(0))[0]
    assert row < 1 and column > 14


def test_at_zero_degrees_the_source_stands_behind_and_at_ninety_on_the_right(geometry):
    assert geometry.source_mm(View(0)).tolist() == [0, 541, 0]
    assert geometry.source_mm(View(90)).tolist() == pytest.approx([-541, 0, 0], abs=1e-9)


def test_a_left_lateral_is_read_facing_left(geometry):
    assert geometry.pixel_index(point(0, -140, 0), View.parse("left_lateral"))[0, 1] < 2


@pytest.mark.parametrize("azimuth", [0, 30, 45, 90, 123.4, 180, 270, 359])
@pytest.mark.parametrize(("mirrored", "tilt"), [(False, 0), (True, 0), (False, 20), (True, -35)])
@pytest.mark.parametrize("name", ["default", "x2ct", "parallel", "film"])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (30.0, -70.0)])
def test_every_point_of_a_ray_is_seen_by_its_pixel(azimuth, mirrored, tilt, name, shift):
    geometry = replace(preset(name, size=8, cube_mm=300.0), detector_shift_mm=shift)
    view = View(azimuth, mirrored, tilt)
    start, end = geometry.ray_starts(view), geometry.pixel_centres(view)
    index = torch.stack(torch.meshgrid(*[torch.arange(8.0)] * 2, indexing="ij"), dim=-1)
    for part in (0.3, 0.6, 1.0):
        seen = geometry.pixel_index(start + part * (end - start), view)
        assert torch.allclose(seen, index.double(), atol=1e-9)


def test_pixels_lie_about_the_ray_through_the_isocentre_beyond_it(uneven):
    centres = uneven.pixel_centres(View(0))
    assert centres.shape == (3, 5, 3) and centres.dtype == torch.float64
    assert centres[0, 0].tolist() == pytest.approx([-8, -150, 2], abs=1e-12)
    assert centres[2, 4].tolist() == pytest.approx([8, -150, -2], abs=1e-12)


def test_rays_of_a_cone_start_at_the_source_and_parallel_ones_as_far_from_their_pixels(uneven):
    starts = uneven.ray_starts(View(0))
    assert starts.shape == (3, 5, 3) and (starts == uneven.source_mm(View(0))).all()
    even = preset("parallel", size=4, cube_mm=40.0)
    assert even.ray_starts(View(0))[0, 0].tolist() == pytest.approx([-15, 541, 15], abs=1e-12)


def test_a_tilt_raises_the_source_above_the_patient(uneven):
    source = uneven.source_mm(View(0, tilt=30)).tolist()
    assert source == pytest.approx([0, 100 * math.sqrt(3) / 2, 50])
    # 10 mm behind the isocentre lies 10 sin 30 nearer to the feet, as rows run
    at = (10 * 0.5) * 250 / (100 - 10 * math.sqrt(3) / 2) / 2
    assert uneven.pixel_index(point(0, 10, 0), View(0, tilt=30))[0, 0].item() == pytest.approx(
        1 + at
    )


def test_a_shifted_detector_sees_the_isocentre_as_much_to_the_other_side(uneven):
    beside = replace(uneven, detector_shift_mm=(6.0, -8.0))
    for view in (View(0), View(77, mirrored=True, tilt=10)):
        seen = beside.pixel_index(point(0, 0, 0), view)[0]
        assert seen.tolist() == pytest.approx([1 - 6 / 2, 2 + 8 / 4])
    moved = beside.pixel_centres(View(0)) - uneven.pixel_centres(View(0))
    assert torch.allclose(moved, torch.tensor([-8.0, 0, -6], dtype=torch.float64))


def test_what_was_written_before_there_were_tilts_is_read_and_written_the_same(uneven):
    """Hashes of datasets are over these dictionaries."""
    assert View(45, True).to_dict() == {"azimuth": 45, "mirrored": True}
    old = {
        "voxels": [4, 6, 8], "voxel_mm": [10.0, 5.0, 2.0], "pixels": [3, 5], "pixel_mm": [2.0, 4.0],
        "source_axis_mm": 100.0, "source_detector_mm": 250.0, "beam": "cone",
    }  # fmt: skip
    assert Geometry.from_dict(old) == uneven and uneven.to_dict().keys() == old.keys()
    beside = replace(uneven, detector_shift_mm=(1.0, 2.0))
    assert Geometry.from_dict(json.loads(json.dumps(beside.to_dict()))) == beside


@pytest.mark.parametrize("shift", [[1.0], [1.0, math.inf], [math.nan, 0.0]])
def test_a_detector_that_is_shifted_by_no_two_numbers_is_refused(uneven, shift):
    with pytest.raises(ValueError, match=r"a scene has|a detector is shifted"):
        Geometry.from_dict(uneven.to_dict() | {"detector_shift_mm": shift})


def test_a_chest_film_is_enlarged_by_an_eighth_on_a_detector_as_large_as_the_shadow():
    film = preset("film", size=64, cube_mm=400.0)
    assert (film.source_axis_mm, film.source_detector_mm, film.beam) == (1600, 1800, "cone")
    assert film.magnification == 1.125 and film.pixel_mm == (450 / 64, 450 / 64)


def test_a_voxels_place_is_its_index_times_the_pitch_about_the_centre(uneven):
    centres = uneven.voxel_centres()
    assert centres.shape == (4, 6, 8, 3)
    assert centres[0, 0, 0].tolist() == [-7, -12.5, -15]
    assert centres[3, 1, 2].tolist() == [-3, -7.5, 15]


def test_voxel_index_is_the_inverse_of_voxel_centres(geometry, uneven):
    for scene in (geometry, uneven):
        index = scene.voxel_index(scene.voxel_centres())
        assert index[3, 1, 2].tolist() == pytest.approx([3, 1, 2], abs=1e-12)


def test_a_point_is_seen_where_similar_triangles_say(uneven):
    # 20 mm towards the source, 80 mm before it: 3 mm become 3 * 250 / 80 on the detector
    row, column = uneven.pixel_index(point(3, 20, 1), View(0))[0].tolist()
    assert row == pytest.approx(1 - 250 / 80 / 2)
    assert column == pytest.approx(2 + 3 * 250 / 80 / 4)


def test_the_default_detector_is_as_large_as_the_cubes_shadow_at_the_isocentre(geometry):
    seen = geometry.pixel_index(point(-160, 0, 160), View(0))[0].tolist()
    assert seen == pytest.approx([-0.5, -0.5])


def test_the_x2ct_preset_has_a_500_mm_detector_541_and_949_mm_away():
    geometry = preset("x2ct", size=128, cube_mm=320.0, pixels=320)
    assert geometry.pixels == (320, 320) and geometry.pixel_mm == (500 / 320, 500 / 320)
    assert geometry.magnification == pytest.approx(949 / 541)


def test_presets_are_cubes_seen_by_square_detectors():
    cube = {"voxels": (4, 4, 4), "voxel_mm": (2.5, 2.5, 2.5)}
    default = Geometry(**cube, pixels=(4, 4), pixel_mm=(10 * 949 / 541 / 4,) * 2, beam="cone")
    parallel = Geometry(**cube, pixels=(5, 5), pixel_mm=(2.0, 2.0), beam="parallel")
    assert preset("default", size=4, cube_mm=10.0) == default
    assert preset("parallel", size=4, cube_mm=10.0, pixels=5) == parallel
    assert parallel.magnification == 1


def test_a_preset_that_is_none_is_refused_with_the_names_there_are():
    with pytest.raises(RecipeError, match=r"default, x2ct, parallel, film\ncode: no-such-"):
        preset("fan", size=4, cube_mm=10.0)


def test_resizing_keeps_every_length(uneven):
    small = uneven.resized(2)
    assert small == Geometry((2, 2, 2), (20.0, 15.0, 8.0), (2, 2), (3.0, 10.0), 100.0, 250.0)
    assert small.volume_mm == uneven.volume_mm == (40, 30, 16)


def test_grid_sample_finds_each_pixel_where_the_geometry_sees_it():
    """Points on the rays to the pixels give the image back, edges at -1 and 1."""
    geometry, view = preset("default", size=8, cube_mm=320.0, pixels=12), View(33.0)
    starts, ends = geometry.ray_starts(view), geometry.pixel_centres(view)
    grid = geometry.sample_grid(starts + 0.6 * (ends - starts), view)
    image = torch.rand(1, 1, 12, 12)
    seen = torch.nn.functional.grid_sample(image, grid[None], align_corners=False)
    assert seen.sub(image).abs().max() < 1e-5
    assert grid.amin().item() == pytest.approx(-1 + 1 / 12, abs=1e-6)


def test_the_source_must_stand_outside_of_the_volume(uneven):
    for view, reach in ((View(0), 15), (View(90), 8), (View(45), 23 * math.sqrt(0.5))):
        assert uneven.reach_mm(view) == pytest.approx(reach)
    up = math.radians(30)
    assert uneven.reach_mm(View(0, tilt=30)) == pytest.approx(15 * math.cos(up) + 20 * math.sin(up))
    uneven.check_source(View(0), "here")
    wide = Geometry((1, 1, 1), (9.0, 200.0, 9.0), (3, 5), (2.0, 4.0), 100.0, 250.0)
    wide.check_source(View(90), "here")
    with pytest.raises(PartError, match=r"here: the source of view 0 is 100 mm .* 100 mm"):
        wide.check_source(View(0), "here")
    replace(wide, beam="parallel").check_source(View(0), "here")
