"""The reprojection term: nothing for the truth, and a gradient that leads there."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from repcat import Batch, Grid, PartError, Prediction, Task, View, attenuation, preset
from repcat.testing import check_objective
from repcat_plugins.objectives.l1 import L1
from repcat_plugins.objectives.l2 import L2
from repcat_plugins.projectors.march import march
from repcat_plugins.projectors.nanodrr import nanodrr

PROJECTORS = {"march": march(step_mm=16.0), "nanodrr": nanodrr()}
SIZE = 12


def task_of(projector) -> Task:
    """Return cone beams from the front and the left onto a cube of 320 mm."""
    views = (View(0.0), View(90.0))
    geometry = preset("default", size=SIZE, cube_mm=320.0)
    grids = Grid(2, geometry.pixels), Grid(1, geometry.voxels)
    return Task(
        views, *grids, geometry, projector=projector, attenuate=attenuation, to_xray=lambda x: x / 8
    )


@pytest.fixture(params=PROJECTORS)
def task(request) -> Task:
    return task_of(PROJECTORS[request.param])


def batch_of(task: Task) -> Batch:
    """Return two patients above the air whose X-rays are the task's own projections."""
    generator = torch.Generator().manual_seed(0)
    volume = 0.3 + 0.4 * torch.rand(2, 1, SIZE, SIZE, SIZE, generator=generator)
    return Batch(("a", "b"), task.to_xray(task.project(task.to_mu(volume))), task.views, volume)


def turn_of(objective, batch: Batch, volume: torch.Tensor):
    (turn,) = objective.turns(lambda _: Prediction(volume), iter([batch]))
    return turn


@pytest.mark.parametrize("objective", [L1, L2])
def test_the_true_volume_costs_nothing(task, objective) -> None:
    batch = batch_of(task)
    turn = turn_of(objective(task, reprojection_weight=3.0), batch, batch.volume)
    assert turn.loss.item() == 0
    assert turn.numbers()["reprojection"] == 0


@pytest.mark.parametrize(("objective", "power"), [(L1, 1), (L2, 2)])
def test_it_adds_that_much_of_the_error_between_the_x_rays(task, objective, power) -> None:
    """20 HU more everywhere is .022 * .02 / mm more along each ray: .01 in [0, 1] of the volume."""
    batch, ones = batch_of(task), torch.ones(1, *[SIZE] * 3)
    more = task.to_xray(task.project(0.022 * 0.02 * ones))[0]
    turn = turn_of(objective(task, reprojection_weight=3.0), batch, batch.volume + 0.01)
    assert turn.numbers()["reprojection"] == pytest.approx(more.pow(power).mean().item(), rel=1e-3)
    wanted = 0.01**power + 3 * more.pow(power).mean().item()
    assert turn.loss.item() == pytest.approx(wanted, rel=1e-3)


def test_the_gradient_is_the_slope_of_the_loss(task) -> None:
    batch = batch_of(task)
    objective = L2(task, reprojection_weight=10.0)
    generator = torch.Generator().manual_seed(1)
    volume, along = (0.3 + 0.4 * torch.rand(batch.volume.shape, generator=generator) for _ in "ab")
    volume.requires_grad_()
    turn_of(objective, batch, volume).loss.backward()
    told = (volume.grad * along).sum().item()
    with torch.no_grad():
        ends = [turn_of(objective, batch, volume + h * along).loss.item() for h in (0.02, -0.02)]
    assert told == pytest.approx((ends[0] - ends[1]) / 0.04, rel=1e-3)


def test_steps_down_the_gradient_bring_the_x_rays_together(task) -> None:
    batch = batch_of(task)
    volume = torch.full_like(batch.volume, 0.4, requires_grad=True)
    optimiser = torch.optim.Adam([volume], lr=0.01)
    errors = []
    for _ in range(20):
        turn = turn_of(L1(task, reprojection_weight=10.0), batch, volume)
        optimiser.zero_grad()
        turn.loss.backward()
        optimiser.step()
        errors.append(turn.numbers()["reprojection"])
    assert errors[-1] < 0.3 * errors[0]


@pytest.mark.parametrize("objective", [L1, L2])
def test_without_weight_nothing_is_projected_and_nothing_else_changes(objective) -> None:
    def never(*given):
        raise AssertionError

    batch = batch_of(task_of(PROJECTORS["march"]))
    plain, off = (turn_of(objective(task_of(never), **o), batch, batch.volume * 0.9)
                  for o in ({}, {"reprojection_weight": 0.0}))  # fmt: skip
    assert torch.equal(plain.loss, off.loss)
    assert plain.logs.keys() == off.logs.keys() == {"mae" if objective is L1 else "mse"}


def test_what_cannot_be_projected_is_refused_when_it_is_built(task) -> None:
    dark = dataclasses.replace(task, projector=lambda *g: task.projector(*g).detach())
    plain = Task(task.views, task.xray, task.volume, task.geometry)
    for wrong, why in ((dark, "passes no gradient"), (plain, "built without a projector")):
        with pytest.raises(PartError, match=why):
            L1(wrong, reprojection_weight=0.1)
        L1(wrong)


@pytest.mark.parametrize("objective", [L1, L2])
def test_it_keeps_to_the_rules_with_the_term_too(objective) -> None:
    check_objective(objective, options={"reprojection_weight": 1.0})
