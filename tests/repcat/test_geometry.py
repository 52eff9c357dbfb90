"""Axes, distances and the way through detector coordinates and back."""

import json

import pytest
import torch

from repcat import Geometry, View, preset
from repcat.errors import RecipeError

GEOMETRY = preset("default", size=16, cube_mm=320.0)


def test_rows_run_to_the_feet_and_columns_of_the_frontal_view_to_the_patients_left():
    left_top = torch.tensor([[150.0, 0.0, 150.0]], dtype=torch.float64)
    row, column = GEOMETRY.pixel_index(left_top, View(0))[0]
    assert row < 1 and column > 14


def test_at_zero_degrees_the_source_stands_behind_and_at_ninety_on_the_right():
    assert GEOMETRY.source_mm(View(0)).tolist() == [0, 541, 0]
    assert GEOMETRY.source_mm(View(90)).tolist() == pytest.approx([-541, 0, 0], abs=1e-9)


def test_a_left_lateral_is_read_facing_left():
    front = torch.tensor([[0.0, -140.0, 0.0]], dtype=torch.float64)
    assert GEOMETRY.pixel_index(front, View.parse("left_lateral"))[0, 1] < 2


def test_ap_and_pa_have_opposite_sources_and_the_same_columns():
    pa, ap = View.parse("pa"), View.parse("ap")
    assert ap.source == pytest.approx([-c for c in pa.source], abs=1e-12)
    assert ap.columns == pytest.approx(pa.columns, abs=1e-12)


@pytest.mark.parametrize("azimuth", [0, 30, 45, 90, 123.4, 180, 270, 359])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("name", ["default", "x2ct", "parallel"])
def test_every_point_of_a_ray_is_seen_by_its_pixel(azimuth, mirrored, name):
    geometry = preset(name, size=8, cube_mm=300.0)
    view = View(azimuth, mirrored)
    start, end = geometry.ray_starts(view), geometry.pixel_centres(view)
    index = torch.stack(torch.meshgrid(*[torch.arange(8.0)] * 2, indexing="ij"), dim=-1)
    for part in (0.3, 0.6, 1.0):
        seen = geometry.pixel_index(start + part * (end - start), view)
        assert torch.allclose(seen, index.double(), atol=1e-9)


def test_the_default_detector_is_as_large_as_the_cubes_shadow_at_the_isocentre():
    corner = torch.tensor([[-160.0, 0.0, 160.0]], dtype=torch.float64)
    assert GEOMETRY.pixel_index(corner, View(0))[0].tolist() == pytest.approx([-0.5, -0.5])


def test_the_x2ct_preset_has_a_500_mm_detector_541_and_949_mm_away():
    geometry = preset("x2ct", size=128, cube_mm=320.0, pixels=320)
    assert [n * mm for n, mm in zip(geometry.pixels, geometry.pixel_mm, strict=True)] == [500, 500]
    assert geometry.magnification == pytest.approx(949 / 541)


def test_voxel_index_is_the_inverse_of_voxel_centres():
    index = GEOMETRY.voxel_index(GEOMETRY.voxel_centres())
    assert torch.allclose(index[3, 5, 7], torch.tensor([3.0, 5, 7], dtype=torch.float64))


def test_resizing_keeps_every_length():
    small = GEOMETRY.resized(8)
    assert small.volume_mm == GEOMETRY.volume_mm
    assert small.pixel_mm[0] * 8 == pytest.approx(GEOMETRY.pixel_mm[0] * 16)


def test_a_geometry_survives_json():
    assert Geometry.from_dict(json.loads(json.dumps(GEOMETRY.to_dict()))) == GEOMETRY


@pytest.mark.parametrize("text", ["sideways", "nan", "inf"])
def test_a_view_that_is_none_is_refused_with_the_names_there_are(text):
    with pytest.raises(RecipeError, match="code: not-a-view"):
        View.parse(text)


def test_grid_sample_finds_each_pixel_where_the_geometry_sees_it():
    """Points on the rays to the pixels give the image back, edges at -1 and 1."""
    geometry, view = preset("default", size=8, cube_mm=320.0, pixels=12), View(33.0)
    starts, ends = geometry.ray_starts(view), geometry.pixel_centres(view)
    grid = geometry.sample_grid(starts + 0.6 * (ends - starts), view)
    image = torch.rand(1, 1, 12, 12)
    seen = torch.nn.functional.grid_sample(image, grid[None], align_corners=False)
    assert seen.sub(image).abs().max() < 1e-5
    assert grid.amin().item() == pytest.approx(-1 + 1 / 12, abs=1e-6)
