"""The algebraic reconstruction and its projector against exact answers."""

from itertools import pairwise

import pytest
import torch

from repcat import View
from repcat.testing import installed
from repcat_rivals.rays import RayWeights
from repcat_rivals.sart import Sart

VIEWS = (View(0.0), View(37.0, mirrored=True), View(90.0), View(200.0), View(315.0))
BALL = [((90.0, 70.0, 100.0), (10.0, -20.0, 0.0), 0.02)]


def relative(one, other):
    return ((one - other).norm() / other.norm()).item()


@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.parametrize("beam", ["default", "parallel"])
def test_back_projection_is_the_exact_transpose(task_of, view, beam) -> None:
    rays = RayWeights(task_of([view], size=24, pixels=20, beam=beam).geometry, view, 320.0).double()
    chance = torch.Generator().manual_seed(0)
    x = torch.rand(24**3, 3, generator=chance, dtype=torch.float64)
    y = torch.rand(20**2, 3, generator=chance, dtype=torch.float64)
    there, back = (rays.project(x) * y).sum(), (x * rays.back_project(y)).sum()
    assert there.item() == pytest.approx(back.item(), rel=1e-12)
    single = rays.float()
    x, y = x.float(), y.float()
    there, back = (single.project(x) * y).sum(), (x * single.back_project(y)).sum()
    assert there.item() == pytest.approx(back.item(), rel=1e-5)


@pytest.mark.parametrize("beam", ["default", "parallel"])
def test_the_projector_agrees_with_the_march(task_of, beam) -> None:
    from repcat_plugins.datasets.phantom.thorax import thorax

    task = task_of(VIEWS, size=32, pixels=40, beam=beam)
    mu = torch.from_numpy(thorax(0, 0, 32, 320.0)[0]).add(1000).clamp(min=0) * 2.2e-5
    truth = installed("projectors", "march")(step_mm=2.0)(mu, task.geometry, task.views)
    for view, image in zip(VIEWS, truth, strict=True):
        ours = RayWeights(task.geometry, view, 1.0).project(mu.reshape(-1, 1)).reshape(40, 40)
        assert relative(ours, image) < 0.01


def test_voxels_need_not_be_cubes(task_of) -> None:
    """The length of the middle ray through a full box is the box's edge."""
    import dataclasses

    box = dataclasses.replace(
        task_of(pixels=33).geometry, voxels=(9, 15, 21), voxel_mm=(20.0, 10.0, 5.0)
    )
    for azimuth, edge in ((0.0, 150.0), (90.0, 105.0)):
        rays = RayWeights(box, View(azimuth), 1.0)
        image = rays.project(torch.ones(9 * 15 * 21, 1)).reshape(33, 33)
        assert image[16, 16].item() == pytest.approx(edge, rel=1e-6)


def residuals(task, images, **options):
    """Norm of what is missing in the images after 1, 2, 4, ... rounds, by the rows' weights."""
    found = []
    for iterations in (1, 2, 4, 8, 16, 32):
        mapper = Sart(task, iterations=iterations, **options)
        x = mapper(images).reshape(1, -1).t()
        gap = 0.0
        for rays, image in zip(mapper.rays, images.xrays[0], strict=True):
            rows = rays.lengths.sum(1)
            missing = (image.flatten() - rays.project(x)[:, 0])[rows > 1e-6]
            gap += (missing.square() / rows[rows > 1e-6]).sum().item()
        found.append(gap**0.5)
    return found


@pytest.mark.parametrize("order", ["sart", "sirt"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_projections_of_the_reconstruction_come_nearer_to_the_x_rays(
    task_of, batch_of, shadows, order, count
) -> None:
    """SIRT's weighted residual falls in every round (a gradient step no longer than 1 / L)."""
    task = task_of(VIEWS[:count], size=20, pixels=24)
    images = batch_of(task, shadows(task, BALL)[None])
    gaps = residuals(task, images, order=order)
    assert all(later < earlier for earlier, later in pairwise(gaps))
    assert gaps[-1] < 0.35 * gaps[0]


def test_many_views_give_attenuation_back(task_of, batch_of, shadows) -> None:
    task = task_of([12.0 * k for k in range(30)], size=20, pixels=40, wider=1.3)
    mu = Sart(task)(batch_of(task, shadows(task, BALL)[None]))[0, 0] / 320
    radii, centre, _ = BALL[0]
    points = task.geometry.voxel_centres()
    out = ((points - torch.tensor(centre)) / torch.tensor(radii)).square().sum(-1)
    assert mu[out < 0.7].mean().item() == pytest.approx(0.02, rel=0.02)
    assert mu[out > 1.6].mean() < 0.0005


def test_nothing_falls_below_zero_unless_it_may(task_of, batch_of) -> None:
    task = task_of()
    assert Sart(task)(batch_of(task)).min() >= 0
    assert Sart(task, non_negative=False)(batch_of(task)).min() < 0


def test_it_is_differentiable_in_the_x_rays(task_of, batch_of) -> None:
    task = task_of(size=4)
    mapper = Sart(task, iterations=2, non_negative=False).double()
    images = torch.rand(1, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: mapper(batch_of(task, x)), images)


def test_calibration_is_two_numbers(task_of) -> None:
    from repcat_rivals.calibration import calibration

    task = task_of()
    line = calibration(Sart(task).out, task.volume, scale=0.3, offset=0.1)
    assert sum(p.numel() for p in line.parameters()) == 2
    x = torch.rand(2, 1, 16, 16, 16)
    assert line(x).sub(0.3 * x + 0.1).abs().max() < 1e-6
