from __future__ import annotations

import pytest
import torch

from repcat_plugins.networks.image_pyramid import ImagePyramid


@pytest.mark.parametrize(("side", "sides"), [(16, [16, 8, 4]), (9, [9, 5, 3])])
def test_each_scale_has_half_the_pixels_of_the_one_before(side: int, sides: list[int]) -> None:
    maps = ImagePyramid(3, (4, 6, 8))(torch.rand(2, 3, side, side))
    assert [tuple(m.shape[1:]) for m in maps] == [
        (c, n, n) for c, n in zip((4, 6, 8), sides, strict=True)
    ]


def test_images_are_read_one_by_one() -> None:
    """GroupNorm, not batch norm: the number of views beside an image changes nothing."""
    pyramid, images = ImagePyramid(1, (4, 8)).train(), torch.rand(5, 1, 8, 8)
    for all_maps, one in zip(pyramid(images), pyramid(images[:1]), strict=True):
        assert all_maps[:1].sub(one).abs().max() < 1e-5
