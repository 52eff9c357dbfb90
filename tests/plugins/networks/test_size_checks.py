from __future__ import annotations

import pytest

from repcat import PartError
from repcat_plugins.networks.size_checks import check_channels, check_sides


@pytest.mark.parametrize("size", [(16, 16, 32), (32, 32, 32)])
def test_multiples_with_two_voxels_left_pass(size: tuple[int, ...]) -> None:
    check_sides(size, 16, "x", "")


@pytest.mark.parametrize("size", [(16, 16, 16), (32, 32, 24), (8, 8, 8)])
def test_other_sizes_are_refused_with_the_cure(size: tuple[int, ...]) -> None:
    with pytest.raises(PartError, match=r"'x' takes .* multiples of 16, from 32 up, .*; do this"):
        check_sides(size, 16, "x", "do this")


def test_a_single_voxel_passes_where_it_is_enough() -> None:
    check_sides((16, 16, 16), 16, "x", "", voxels=1)


def test_too_few_channels_are_refused() -> None:
    with pytest.raises(PartError, match="takes 2 channels or more at each level"):
        check_channels((4, 1), 2, "x")
