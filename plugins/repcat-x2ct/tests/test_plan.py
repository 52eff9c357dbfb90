"""The table of channels, as printed by running the published network."""

import pytest

from repcat import Grid, PartError
from repcat_x2ct.channel_plan import Plan, check_grids


def cube(side):
    return Grid(1, (side, side, side))


def test_the_channels_are_the_published_ones():
    plan = Plan(128)
    assert plan.dense == (256, 512, 1024, 1024, 704)
    assert plan.maps == (64, 128, 256, 512, 512, 704)
    assert plan.decoder == (256, 128, 64, 32, 16, 16)
    assert plan.start == 4


@pytest.mark.parametrize("side", [64, 96, 128])
@pytest.mark.parametrize("views", [1, 2])
def test_sides_are_multiples_of_32_from_64(side, views):
    check_grids(Grid(views, (side, side)), cube(side), "x2ct")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (Grid(2, (32, 32)), cube(32)),
        (Grid(2, (80, 80)), cube(80)),
        (Grid(3, (64, 64)), cube(64)),
        (Grid(2, (64, 96)), cube(64)),
        (Grid(2, (64, 64, 64)), cube(64)),
        (Grid(2, ()), cube(64)),
        (Grid(2, (64, 64)), Grid(1, (64, 64, 32))),
    ],
)
def test_other_grids_are_refused(source, target):
    with pytest.raises(PartError, match=r"backbone 'x2ct' goes from one or two images to a cube"):
        check_grids(source, target, "x2ct")


def test_a_stage_without_a_dense_layer_is_refused():
    with pytest.raises(PartError, match="code: wrong-options"):
        Plan(64, layers=(1, 1, 0, 1, 1))
