"""Back-projection against exact answers."""

import pytest
import torch

from repcat_rivals.back_projection import BackProjection
from repcat_rivals.fdk import ramp

# a trunk and a denser organ: radii and centre in mm, attenuation in 1/mm
BODIES = [((100.0, 80.0, 110.0), (0.0, 10.0, 0.0), 0.02), ((25.0,) * 3, (40.0, -20.0, 0.0), 0.01)]


def inside(task, body):
    """How far out each voxel is in a body: 1 at its surface, squared."""
    radii, centre, _ = body
    points = task.geometry.voxel_centres()
    return ((points - torch.tensor(centre)) / torch.tensor(radii)).square().sum(-1)


@pytest.mark.parametrize(("beam", "bias"), [("default", 0.01), ("parallel", 0.003)])
def test_180_views_give_attenuation_back(task_of, batch_of, shadows, beam, bias) -> None:
    """FDK is exact in the plane of the source and a little low above it; FBP is exact."""
    task = task_of([2.0 * k for k in range(180)], size=32, pixels=64, beam=beam, wider=1.3)
    images = shadows(task, BODIES)[None]
    mu = BackProjection(task)(batch_of(task, images))[0, 0] / 320
    trunk, organ = (inside(task, body) for body in BODIES)
    flesh = (trunk < 0.75) & (organ > 1.5)
    assert mu[flesh].mean().item() == pytest.approx(0.02, rel=bias)
    assert mu[14:18][flesh[14:18]].mean().item() == pytest.approx(0.02, rel=0.003)
    assert mu[organ < 0.5].mean().item() == pytest.approx(0.03, rel=bias)
    assert mu[trunk > 1.4].mean().abs() < 0.0002


def test_unfiltered_it_is_the_geometric_alignment(task_of, batch_of) -> None:
    from repcat.testing import installed

    task = task_of([0.0, 37.0, 200.0], pixels=24)
    batch = batch_of(task)
    laid = installed("mappers", "repeat_concat")(task, align="geometric")(batch)
    ours = BackProjection(task, filter="none", fuse="concat")(batch)
    assert ours.sub(laid).abs().max() < 1e-6


@pytest.mark.parametrize("filter", ["none", "ramp"])
def test_its_channels_have_the_mean_for_a_mean(task_of, batch_of, filter) -> None:
    task = task_of([0.0, 37.0, 200.0])
    batch = batch_of(task)
    one, each = (BackProjection(task, filter=filter, fuse=f)(batch) for f in ("mean", "concat"))
    assert each.mean(1, keepdim=True).sub(one).abs().max() < 1e-5


def test_the_ramp_takes_a_constant_to_nothing_the_wider_the_row(task_of) -> None:
    """The kernel's sum over odd n up to infinity is -1 / 4t^2: what is left falls as 1 / width."""
    left = [ramp(task_of(pixels=n).geometry).sum(1)[n // 2].item() for n in (32, 64, 128)]
    pitch = [320 / n for n in (32, 64, 128)]
    shares = [x * mm for x, mm in zip(left, pitch, strict=True)]
    assert shares[0] > shares[1] > shares[2] > 0
    assert shares[1] == pytest.approx(shares[0] / 2, rel=0.05)


def test_an_x_ray_of_a_full_volume_is_about_one(task_of, batch_of) -> None:
    """The unit: 1 / the longest edge. A body as wide as the volume that casts a shadow of 1."""
    task = task_of([10.0 * k for k in range(36)], size=32, beam="parallel", wider=1.5)
    points = task.geometry.pixel_centres(task.views[0])
    across = points[..., 0] / 160
    image = (1 - across**2).clamp(min=0).sqrt().float()  # a cylinder about the head-foot axis
    volume = BackProjection(task)(batch_of(task, image.expand(1, 36, -1, -1)))
    assert volume[0, 0, 16, 12:20, 12:20].mean().item() == pytest.approx(1, rel=0.03)
