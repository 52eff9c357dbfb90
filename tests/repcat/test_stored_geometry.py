"""A scene that was written down comes back, and what is none is refused."""

import json
import math
from dataclasses import replace

import pytest

from repcat import Geometry

SCENE = Geometry((1, 6, 4096), (10.0, 5.0, 0.5), (1, 4096), (0.5, 4.0), 100.0, 250.0)


@pytest.mark.parametrize("beam", ["cone", "parallel"])
def test_a_geometry_survives_json(beam):
    scene = replace(SCENE, beam=beam)
    assert Geometry.from_dict(json.loads(json.dumps(scene.to_dict()))) == scene


@pytest.mark.parametrize(
    "changed",
    [
        {"voxels": [4, 4]},
        {"voxels": [4, 4], "voxel_mm": [1.0, 1.0]},
        {"voxels": [4, 4], "voxel_mm": [1, 1], "pixels": [3, 3, 3], "pixel_mm": [1, 1, 1]},
        {"pixel_mm": [1.0]},
        {"beam": "fan"},
    ],
)
def test_a_scene_has_three_axes_two_of_an_image_and_a_beam_we_know(changed):
    with pytest.raises(ValueError, match="three axes of voxels, two of pixels, and a cone or"):
        Geometry.from_dict({**SCENE.to_dict(), **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"voxels": [0, 4, 4]},
        {"voxels": [4.0, 4, 4]},
        {"pixels": [4, 4097]},
        {"pixels": [-1, 4]},
        {"pixel_mm": [1.0, 0.0]},
        {"voxel_mm": [-1.0, 1.0, 1.0]},
        {"source_axis_mm": math.inf},
        {"source_detector_mm": math.nan},
    ],
)
def test_sides_are_counted_to_4096_and_lengths_are_above_zero(changed):
    with pytest.raises(ValueError, match="1 to 4096 voxels and pixels a side, and lengths above"):
        Geometry.from_dict({**SCENE.to_dict(), **changed})


def test_what_is_something_else_is_told_as_such():
    for other in ({"voxels": 3}, {"voxel": [1, 1, 1]}, {"voxel_mm": ["a", 1, 1]}):
        with pytest.raises(TypeError):
            Geometry.from_dict({**SCENE.to_dict(), **other})
