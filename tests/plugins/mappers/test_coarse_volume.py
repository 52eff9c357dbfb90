from __future__ import annotations

import dataclasses

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.mappers.coarse_volume import CoarseGrid


def test_each_map_is_repeated_along_its_own_rays(task_of) -> None:
    task = task_of([0.0, 90.0])
    coarse = CoarseGrid(task, Grid(3, (4, 4)), folded=False)
    frontal, lateral = torch.rand(2, 2, 3, 4, 4).unbind()
    volumes = coarse([frontal, lateral])
    assert coarse.out == Grid(3, (4, 4, 4))
    # rows from head to foot against z; frontal columns along x, lateral ones along y
    assert volumes[0][:, :, :, 2, :].equal(frontal.flip(2))
    assert volumes[1][:, :, :, :, 2].equal(lateral.flip(2))


def test_folded_channels_become_the_ray_axis(task_of) -> None:
    coarse = CoarseGrid(task_of([0.0, 90.0]), Grid(8, (4, 4)), folded=True)
    frontal, lateral = torch.rand(2, 2, 8, 4, 4).unbind()
    volumes = coarse([frontal, lateral])
    assert coarse.out == Grid(2, (4, 4, 4))
    for channel in range(2):
        for depth in range(4):
            image = frontal[:, 4 * channel + depth].flip(1)
            assert volumes[0][:, channel, :, depth, :].equal(image)
            image = lateral[:, 4 * channel + depth].flip(1)
            assert volumes[1][:, channel, :, :, depth].equal(image)


def test_channels_that_leave_a_rest_are_refused(task_of) -> None:
    with pytest.raises(PartError, match="deals 6 channels out to 4 slices"):
        CoarseGrid(task_of(), Grid(6, (4, 4)), folded=True)


def test_images_of_other_proportions_than_the_volume_are_refused(task_of) -> None:
    task = dataclasses.replace(task_of([90.0]), volume=Grid(1, (16, 8, 16)))
    with pytest.raises(PartError, match="code: sizes-do-not-meet"):
        CoarseGrid(task, Grid(2, (4, 4)), folded=False)


def test_folding_into_unequal_depths_is_refused(task_of) -> None:
    task = dataclasses.replace(task_of([90.0, 0.0]), volume=Grid(1, (16, 8, 16)))
    with pytest.raises(PartError):
        CoarseGrid(task, Grid(16, (4, 4)), folded=True)
