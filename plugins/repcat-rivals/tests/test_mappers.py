"""What every mapper here keeps, and what replication and permutation mean."""

import dataclasses

import pytest
import torch

from repcat import PartError, View, seeded
from repcat.testing import installed
from repcat_rivals.permute_concat import PermuteConcat
from repcat_rivals.pixel_aligned import PixelAligned
from repcat_rivals.replicate_average import ReplicateAverage

NAMES = ["back_projection", "permute_concat", "pixel_aligned", "replicate_average", "sart"]
ODD_VIEWS = [View(41.0 * k, mirrored=k % 2 == 1) for k in range(8)]


def shipped(name, task, **options):
    return installed("mappers", name)(task, **options)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [1, 2, 5, 8])
@pytest.mark.parametrize("beam", ["default", "parallel"])
def test_a_mapper_gives_the_grid_it_states_for_any_views(
    task_of, batch_of, name: str, count: int, beam: str
) -> None:
    task = task_of(ODD_VIEWS[:count], size=12, pixels=20, beam=beam)
    mapper = shipped(name, task)
    out = mapper(batch_of(task))
    assert out.shape == (2, mapper.out.channels, 12, 12, 12)
    assert out.isfinite().all() and out.dtype == torch.float32


@pytest.mark.parametrize("name", NAMES)
def test_patients_of_a_batch_do_not_touch_each_other(task_of, batch_of, name: str) -> None:
    task = task_of()
    mapper, batch = shipped(name, task), batch_of(task)
    with torch.no_grad():
        alone = torch.cat([mapper(batch_of(task, image[None])) for image in batch.xrays])
        assert mapper(batch).sub(alone).abs().max() < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_checkpoints_hold_weights_and_no_tables(task_of, name: str) -> None:
    mapper = shipped(name, task_of())
    assert set(mapper.state_dict()) == {n for n, _ in mapper.named_parameters()}


@pytest.mark.parametrize("name", NAMES)
def test_bf16_autocast_leaves_it_finite(task_of, batch_of, name: str) -> None:
    task = task_of()
    with torch.autocast("cpu", torch.bfloat16):
        out = shipped(name, task)(batch_of(task))
    assert out.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_a_source_inside_the_volume_is_refused(task_of, name: str) -> None:
    task = task_of([45.0])
    near = dataclasses.replace(task.geometry, source_axis_mm=200.0)
    with pytest.raises(PartError, match=f"{name}.*reaches 226 mm"):
        shipped(name, dataclasses.replace(task, geometry=near))


@pytest.mark.parametrize("name", NAMES)
def test_a_geometry_of_other_pixels_is_refused(task_of, name: str) -> None:
    task = dataclasses.replace(task_of(), geometry=task_of(pixels=20).geometry)
    with pytest.raises(PartError, match="code: other-geometry"):
        shipped(name, task)


@pytest.mark.parametrize("mirrored", [False, True])
def test_replication_and_average_is_the_mean_of_repeat_and_concatenate(
    task_of, batch_of, mirrored: bool
) -> None:
    task = task_of([View(a, mirrored) for a in (0.0, 90.0, 180.0, 270.0)])
    batch = batch_of(task)
    repeated = shipped("repeat_concat", task, align="transpose")(batch)
    assert ReplicateAverage(task)(batch).sub(repeated.mean(1, keepdim=True)).abs().max() < 1e-5


def test_along_exact_rays_it_is_the_mean_of_the_geometric_alignment(task_of, batch_of) -> None:
    task = task_of(ODD_VIEWS[:3], pixels=24)
    batch = batch_of(task)
    repeated = shipped("repeat_concat", task, align="geometric")(batch)
    ours = ReplicateAverage(task, align="geometric")(batch)
    assert ours.sub(repeated.mean(1, keepdim=True)).abs().max() < 1e-6


class Profile(torch.nn.Module):
    """Channel k of pixel p is p + 10 k: a 2D network whose answer is known."""

    def forward(self, images):
        return images + 10 * torch.arange(16.0)[:, None, None]


@pytest.mark.parametrize(
    ("azimuth", "ray", "towards"), [(0.0, 1, 1), (90.0, 2, 0), (180.0, 1, 0), (270.0, 2, 1)]
)
def test_at_right_angles_channels_become_the_ray_axis_from_the_source_on(
    task_of, batch_of, azimuth: float, ray: int, towards: int
) -> None:
    """At 0 degrees the source is at the back, so channel 0 is the last index of y."""
    task = task_of([azimuth])
    batch = batch_of(task)
    mapper = PermuteConcat(task)
    mapper.networks = torch.nn.ModuleList([Profile()])
    repeated = shipped("repeat_concat", task)(batch)
    steps = 10 * torch.arange(16.0)
    steps = (steps.flip(0) if towards else steps).reshape([-1 if a == ray else 1 for a in range(3)])
    assert mapper(batch).sub(repeated + steps).abs().max() < 1e-3


def test_views_have_networks_of_their_own_or_share_one(task_of, batch_of) -> None:
    task = task_of([0.0, 0.0])
    batch = batch_of(task)
    same = batch_of(task, batch.xrays[:, :1].expand(-1, 2, -1, -1))
    with seeded("permute"):
        own, shared = PermuteConcat(task), PermuteConcat(task, shared=True)
    one, two = own(same).unbind(dim=1)
    assert one.sub(two).abs().max() > 1e-3
    one, two = shared(same).unbind(dim=1)
    assert one.sub(two).abs().max() < 1e-5


def test_pixel_aligned_features_are_those_of_the_pixel_that_saw_the_voxel(
    task_of, batch_of
) -> None:
    """Without a fusion, and with the 2D network left out, it is the geometric alignment."""
    task = task_of(ODD_VIEWS[:3], pixels=24)
    batch = batch_of(task)
    mapper = PixelAligned(task, features=1, fused=0)
    mapper.networks = torch.nn.ModuleList([torch.nn.Identity()])
    seen, position = mapper(batch).split((3, 3), dim=1)
    assert seen.sub(shipped("repeat_concat", task, align="geometric")(batch)).abs().max() < 1e-6
    assert position[0, :, 0, 8, 15].tolist() == [15 / 16, 1 / 16, -15 / 16]  # x left, y back, z up


@pytest.mark.parametrize("name", ["permute_concat", "pixel_aligned"])
def test_the_2d_network_learns_with_the_model(task_of, batch_of, name: str) -> None:
    task = task_of()
    mapper = shipped(name, task)
    mapper(batch_of(task)).pow(2).mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in mapper.parameters())


def test_the_2d_network_has_the_weights_it_states_and_takes_any_size() -> None:
    from repcat_rivals.unet2d import ImageNet2D

    network = ImageNet2D(16, 8)
    assert sum(p.numel() for p in network.parameters()) == 118_424
    assert network(torch.rand(2, 1, 13, 30)).shape == (2, 8, 13, 30)
