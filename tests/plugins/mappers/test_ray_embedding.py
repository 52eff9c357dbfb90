from __future__ import annotations

import pytest
import torch

from repcat import View, preset
from repcat_plugins.mappers.ray_embedding import ray_embedding

GEOMETRY = preset("default", size=16, cube_mm=320.0)
VIEWS = [View(0.0), View(33.0), View(270.0, mirrored=True)]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_direction_and_moment_name_the_line_from_source_to_pixel(view: View) -> None:
    direction, moment = ray_embedding(GEOMETRY, view).double().split(3)
    assert direction.norm(dim=0).sub(1).abs().max() < 1e-6
    pixels = GEOMETRY.pixel_centres(view).permute(2, 0, 1)
    assert torch.linalg.cross(pixels, direction, dim=0).sub(541 * moment).abs().max() < 1e-3
    assert (direction * moment).sum(dim=0).abs().max() < 1e-6


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_the_rays_of_a_mirrored_image_are_mirrored(view: View) -> None:
    over = View(view.azimuth, not view.mirrored)
    assert (
        ray_embedding(GEOMETRY, over).flip(-1).sub(ray_embedding(GEOMETRY, view)).abs().max() < 1e-6
    )


def test_parallel_rays_have_one_direction_and_differ_in_their_moments() -> None:
    direction, moment = ray_embedding(preset("parallel", size=8, cube_mm=320.0), View(0.0)).split(3)
    assert direction.sub(torch.tensor([0.0, -1.0, 0.0])[:, None, None]).abs().max() < 1e-6
    assert len(moment.flatten(1).T.unique(dim=0)) == 64
