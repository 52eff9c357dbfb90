"""Stated poses that are off: how far, how often, and what an image shows of a shift."""

import math

import pytest
import torch

from repcat import PartError, View, preset
from repcat.config.schema import AugmentTable
from repcat.data.loader import Loader, PatientCache, Stream
from repcat.data.pose_jitter import PoseJitter, shifted, turned
from repcat.data.spatial import Move, moved
from repcat.models.build import build_network, make_projector, make_task, open_training
from repcat.rng import generator

DATA = {"use": "blobs", "size": 16, "views": [0, 90, 180], "views_drawn": [1, 3]}


@pytest.fixture
def stream_of(recipe_of, parts):
    """Return a maker of streams by options of [augment]."""

    def make(workers=0, **augment):
        recipe = recipe_of(data=DATA, augment=augment, train={"workers": workers})
        return Stream(PatientCache(open_training(recipe, parts), recipe, recipe.bank))

    return make


def test_views_are_stated_within_the_bound_and_images_are_the_true_poses(stream_of):
    true, told = stream_of(), stream_of(pose_degrees=5.0, pose_p=1.0)
    off = []
    for k in range(60):
        one, other = true[k], told[k]
        assert torch.equal(one.xrays, other.xrays) and torch.equal(one.volume, other.volume)
        for view, stated in zip(one.views, other.views, strict=True):
            off += [(stated.azimuth - view.azimuth + 180) % 360 - 180, stated.tilt]
    assert 4.5 < max(map(abs, off)) <= 5 and min(off) < -4


def test_so_many_batches_are_jittered_as_the_share_says(stream_of):
    true, told = stream_of(), stream_of(pose_degrees=5.0, pose_p=0.3)
    count = sum(true[k].views != told[k].views for k in range(300))
    assert abs(count - 90) < 4 * math.sqrt(300 * 0.3 * 0.7)


def test_off_is_off(stream_of):
    batch = stream_of()[0]
    jitter = PoseJitter(AugmentTable(), preset("default", size=16, cube_mm=320.0), 0)
    assert jitter(batch, 0) is batch


def test_a_jitter_is_a_function_of_seed_and_draw_whatever_the_workers(stream_of):
    options = {"pose_degrees": 5.0, "pose_mm": 20.0, "pose_p": 0.7}
    stream = stream_of(**options)
    there = Loader(stream_of(workers=2, **options), 4, "cpu")
    for k in (4, 5):
        late, other = stream[k], next(there)
        assert late.views == other.views and torch.equal(late.xrays, other.xrays)


def test_images_move_by_whole_pixels_as_they_are_and_their_edges_go_on():
    images = torch.rand(2, 2, 6, 7, generator=generator("shift"))
    after = shifted(images, torch.tensor([[2.0, -1.0], [0.0, 0.0]]))
    assert torch.allclose(after[:, 0, 2:, :-1], images[:, 0, :-2, 1:], atol=1e-5)
    assert torch.allclose(after[:, 0, :2, :-1], images[:, 0, :1, 1:].expand(2, 2, 6), atol=1e-5)
    assert torch.allclose(after[:, 1], images[:, 1], atol=1e-5)


@pytest.mark.parametrize("name", ["parallel", "film"])
def test_a_shifted_image_is_that_of_a_shifted_patient(parts, name):
    """15 mm to the left and 10 mm to the feet; a cone beam enlarges the shift as the patient."""
    scene = preset(name, size=32, cube_mm=320.0)
    off = scene.voxel_centres().square().sum(-1)
    patient = (0.02 * torch.exp(-off / (2 * 40.0**2))).float()
    by = torch.tensor([15.0, 0.0, -10.0], dtype=torch.float64)
    after = moved(patient, Move(torch.eye(3, dtype=torch.float64), by), scene)
    project = parts.projectors.get("march").factory(step_mm=4.0)
    there, here = (project(mu, scene, (View(0),)) for mu in (after, patient))
    pitch = torch.tensor(scene.pixel_mm, dtype=torch.float64) / scene.magnification
    seen = shifted(here[None], torch.tensor([[10.0, 15.0]]).double() / pitch)[0]
    assert (seen - there).norm() < 0.01 * there.norm() < 0.1 * (here - there).norm()


def test_a_tilt_goes_no_further_than_a_view_can():
    assert turned(View(358, True, 58), 5, 5) == View(3, True, 60)


def test_a_mapper_of_certain_views_is_refused(recipe_of, parts):
    recipe = recipe_of(augment={"pose_degrees": 5.0})
    patients = open_training(recipe, parts)
    with pytest.raises(PartError, match=r"pose_degrees = 5 .*'repeat_concat' .*'view_pool'"):
        build_network(recipe, make_task(recipe, patients, parts), parts)
    shifting = recipe_of(augment={"pose_mm": 5.0, "spatial_p": 1.0})
    build_network(shifting, make_task(shifting, patients, parts), parts)
    cache = PatientCache(patients, shifting)
    assert Stream(cache, project=make_projector(shifting, parts))[0].views == shifting.views
