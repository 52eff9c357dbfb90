from __future__ import annotations

from itertools import repeat

import pytest
import torch

from repcat import Batch, Grid, PartError, Prediction, Task, View, attenuation, preset
from repcat.testing import check_objective
from repcat_plugins.objectives.smooth_l1 import SmoothL1, drawn_views
from repcat_plugins.projectors.march import march

SIZE = 8


@pytest.fixture
def task() -> Task:
    """Return cone beams from the front and the left onto a cube of 320 mm."""
    views = (View(0.0), View(90.0))
    geometry = preset("default", size=SIZE, cube_mm=320.0)
    grids = Grid(2, geometry.pixels), Grid(1, geometry.voxels)
    return Task(
        views, *grids, geometry, projector=march(step_mm=8.0), attenuate=attenuation,
        to_xray=lambda x: x / 8,
    )  # fmt: skip


def batch_of(task: Task, volume: torch.Tensor) -> Batch:
    images = task.to_xray(task.project(task.to_mu(volume)))
    return Batch(tuple("abcd"[: len(volume)]), images, task.views, volume)


def turn_of(objective, batch: Batch, volume: torch.Tensor):
    (turn,) = objective.turns(lambda _: Prediction(volume), iter([batch]))
    return turn


@pytest.mark.parametrize(("shift", "wanted"), [(0.02, 0.02**2 / 0.1), (0.5, 0.475)])
def test_small_errors_count_squared_and_large_ones_as_they_are(task, shift, wanted) -> None:
    objective = SmoothL1(task, beta=0.05, scales=())
    batch = batch_of(task, torch.full((1, 1, SIZE, SIZE, SIZE), 0.4))
    turn = turn_of(objective, batch, batch.volume + shift)
    assert turn.loss.item() == pytest.approx(wanted, rel=1e-4)
    assert turn.logs.keys() == {"smooth_l1"}


def test_the_body_weighs_more_than_the_air(task) -> None:
    """Half of the voxels are air at 0; there an error of .5, in the body none: 1 part of 4."""
    truth = torch.zeros(1, 1, SIZE, SIZE, SIZE)
    truth[..., : SIZE // 2] = 0.5
    error = 0.5 * (truth == 0)
    found = SmoothL1(task, body_weight=3.0, scales=()).error(truth + error, truth)
    assert found.item() == pytest.approx(0.475 / 4, rel=1e-5)
    even = SmoothL1(task, body_weight=1.0, scales=()).error(truth + error, truth)
    assert even.item() == pytest.approx(0.475 / 2, rel=1e-5)


def test_what_averages_out_over_a_cube_costs_nothing_at_that_scale(task) -> None:
    truth = torch.full((2, 1, SIZE, SIZE, SIZE), 0.5)
    stripes = 0.2 * (1 - 2.0 * (torch.arange(SIZE) % 2))
    alone, both = (SmoothL1(task, scales=s).error(truth + stripes, truth) for s in ((), (5.0, 5.0)))
    assert both.item() == pytest.approx(alone.item(), rel=1e-5)
    shift = SmoothL1(task, scales=(0.5, 0.25)).error(truth + 0.2, truth)
    assert shift.item() == pytest.approx(1.75 * 0.175, rel=1e-5)


def test_more_scales_than_the_volume_has_are_as_many_as_it_has(task) -> None:
    truth = torch.full((1, 1, SIZE, SIZE, SIZE), 0.5)
    shift = SmoothL1(task, scales=(1.0,) * 6).error(truth + 0.2, truth)
    assert shift.item() == pytest.approx(4 * 0.175, rel=1e-5)  # 8, 4, 2 and 1 voxel a side


@pytest.mark.parametrize("others", [0, 2])
def test_the_true_volume_casts_the_input_and_every_other_x_ray(task, others: int) -> None:
    objective = SmoothL1(task, reprojection_weight=3.0, other_views=others)
    batch = batch_of(task, 0.3 + 0.4 * torch.rand(2, 1, SIZE, SIZE, SIZE))
    assert turn_of(objective, batch, batch.volume).loss.item() == pytest.approx(0, abs=1e-10)
    wrong = turn_of(objective, batch, batch.volume + 0.1)
    assert wrong.numbers()["reprojection"] > 0


def test_another_view_sees_what_the_input_does_not(task) -> None:
    """Of no input view, one other: an error shows in the X-rays all the same."""
    objective = SmoothL1(task, reprojection_weight=1.0, other_views=1)
    batch = batch_of(task, 0.3 + 0.4 * torch.rand(1, 1, SIZE, SIZE, SIZE)).seen_in([])
    assert objective.of_xrays(batch.volume + 0.1, batch) > 0


def test_x_rays_are_compared_after_so_many_steps_and_a_checkpoint_knows_how_many(task) -> None:
    batch = batch_of(task, 0.3 + 0.4 * torch.rand(1, 1, SIZE, SIZE, SIZE))
    objective = SmoothL1(task, reprojection_weight=1.0, reprojection_after=2)

    def said(objective) -> bool:
        return "reprojection" in turn_of(objective, batch, batch.volume).logs

    assert [said(objective) for _ in range(2)] == [False, False]
    resumed = SmoothL1(task, reprojection_weight=1.0, reprojection_after=2)
    resumed.load_state_dict(objective.state_dict())
    assert said(objective) and said(resumed)


def test_directions_are_drawn_by_the_seed_of_the_step() -> None:
    torch.manual_seed(3)
    one = drawn_views(3)
    torch.manual_seed(3)
    assert drawn_views(3) == one and len(set(one)) == 3


def test_inner_steps_are_turns_on_batches_of_their_own(task) -> None:
    batch = batch_of(task, torch.rand(1, 1, SIZE, SIZE, SIZE))
    turns = SmoothL1(task, inner_steps=3).turns(lambda b: Prediction(b.volume), repeat(batch))
    assert len([*turns]) == 3


def test_without_a_projector_it_is_refused_when_it_is_built(task) -> None:
    plain = Task(task.views, task.xray, task.volume, task.geometry)
    with pytest.raises(PartError, match="built without a projector"):
        SmoothL1(plain, reprojection_weight=0.1)
    SmoothL1(plain)


def test_it_keeps_to_the_rules_with_every_term() -> None:
    options = {"reprojection_weight": 1.0, "other_views": 2, "reprojection_after": 1}
    check_objective(SmoothL1, options=options)
