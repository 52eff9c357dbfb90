"""Patients moved in 3D: what each option does, and that X-rays and volume stay one patient's."""

import math
from dataclasses import replace

import pytest
import torch

from repcat import Geometry, View, preset
from repcat.config.schema import AugmentTable
from repcat.data.loader import Loader, PatientCache, Stream
from repcat.data.spatial import Move, Spatial, bent, moved, rotation
from repcat.errors import PartError, RecipeError
from repcat.models.build import make_projector, open_training
from repcat.rng import generator

STILL = {"rotate": 0.0, "scale": 0.0, "shift": 0.0, "mirror": 0.0, "bend": 0.0}
UNSHIFTED = torch.zeros(3, dtype=torch.float64)


def table(**options):
    """Return a table by which every patient is moved, as told alone."""
    given = {f"spatial_{name}": value for name, value in (STILL | options).items()}
    return AugmentTable(spatial_p=1.0, **given)


@pytest.fixture
def opened(recipe_of, parts):
    """Return patients and a projector over two views."""
    recipe = recipe_of()
    return open_training(recipe, parts), make_projector(recipe, parts), recipe.bank


@pytest.fixture
def scene():
    return preset("default", size=32, cube_mm=320.0)


def soft(scene: Geometry, at=(0.0, 0.0, 0.0), sigma=40.0):
    """Return a Gaussian ball (D, H, W) of attenuation about a place x y z in mm."""
    off = scene.voxel_centres() - torch.tensor(at, dtype=torch.float64)
    return (0.02 * torch.exp(-off.square().sum(-1) / (2 * sigma**2))).float()


def centre(volume, scene):
    """Return the centre of mass, x y z in mm."""
    weight = volume.double()[..., None]
    return (weight * scene.voxel_centres()).sum((0, 1, 2)) / weight.sum()


def test_a_move_of_nothing_returns_the_volume_and_its_own_xrays(opened):
    patients, project, views = opened
    spatial = Spatial(table(), patients, project, views)
    move = spatial.draw(generator("still"))
    volume = patients.load("train-0").volume
    assert move.is_still and spatial.move(volume, move) is volume
    cast = project(patients.attenuate(volume), patients.geometry, views)
    assert torch.equal(spatial.cast(volume, views), cast)


def test_so_many_patients_are_moved_as_the_share_says(opened):
    spatial = Spatial(replace(table(rotate=5.0), spatial_p=0.3), *opened)
    count = sum(spatial.draw(generator("share", k)) is not None for k in range(600))
    assert abs(count - 180) < 4 * math.sqrt(600 * 0.3 * 0.7)


@pytest.mark.parametrize("shift", [(20.0, 0.0, 0.0), (0.0, -30.0, 0.0), (10.0, 0.0, 40.0)])
def test_a_shift_carries_the_patient_by_so_many_mm_of_x_y_z(scene, shift):
    by = torch.tensor(shift, dtype=torch.float64)
    after = moved(soft(scene, sigma=30.0), Move(torch.eye(3, dtype=torch.float64), by), scene)
    assert torch.allclose(centre(after, scene), by, atol=0.2)


@pytest.mark.parametrize("angles", [(90.0, 0, 0), (0, 90.0, 0), (0, 0, 90.0), (20.0, -30.0, 50.0)])
def test_a_turned_patient_lies_where_the_turned_place_is(scene, angles):
    place, turn = (40.0, 20.0, -30.0), rotation(*angles)
    after = moved(soft(scene, place, 25.0), Move(turn.T, UNSHIFTED), scene)
    want = turn @ torch.tensor(place, dtype=torch.float64)
    assert torch.allclose(centre(after, scene), want, atol=0.2)


def test_turns_are_right_handed():
    x, y, z = torch.eye(3, dtype=torch.float64)
    for turn, start, end in (((90, 0, 0), y, z), ((0, 90, 0), z, x), ((0, 0, 90), x, y)):
        assert torch.allclose(rotation(*turn) @ start, end, atol=1e-12)


@pytest.mark.parametrize("turn", [30.0, -75.0])
@pytest.mark.parametrize("name", ["default", "parallel"])
def test_a_turned_patient_from_the_front_is_the_unturned_one_from_the_side(parts, turn, name):
    """Turned about z by so many degrees, it is seen as from so many degrees less."""
    scene = preset(name, size=32, cube_mm=320.0)
    patient = soft(scene, (50.0, -30.0, 20.0), 30.0) + soft(scene, (-40.0, 50.0, -30.0), 30.0)
    project = parts.projectors.get("march").factory(step_mm=4.0)
    after = moved(patient, Move(rotation(0, 0, turn).T, UNSHIFTED), scene)
    front = project(after, scene, (View(0),))
    oblique, wrong = (project(patient, scene, (View(a % 360),)) for a in (-turn, turn))
    assert (front - oblique).norm() < 0.01 * oblique.norm()
    assert (front - wrong).norm() > 0.3 * oblique.norm()


def test_a_mirrored_patient_is_the_flipped_volume(opened):
    patients, project, views = opened
    spatial = Spatial(table(mirror=1.0), patients, project, views)
    volume = torch.rand(16, 16, 16, generator=generator("mirror"))
    after = spatial.move(volume, spatial.draw(generator(0)))
    assert torch.allclose(after, volume.flip(-1), atol=1e-5)


def test_a_scaled_patient_is_as_much_larger_as_its_axes_together(opened, scene):
    spatial = Spatial(table(scale=0.3), *opened)
    small = soft(scene, sigma=25.0)
    for k in range(4):
        move = spatial.draw(generator("scale", k))
        sides = 1 / move.matrix.diagonal()
        assert ((sides - 1).abs() <= 0.3).all() and len(sides.unique()) == 3
        after = moved(small, move, scene).sum() / small.sum()
        assert after.item() == pytest.approx(sides.prod().item(), rel=0.01)


def test_draws_stay_within_their_bounds(opened):
    spatial = Spatial(table(rotate=12.0, shift=7.0, bend=3.0), *opened)
    moves = [spatial.draw(generator("bounds", k)) for k in range(200)]
    shifts = torch.stack([one.shift.abs() for one in moves])
    bends = torch.stack([one.bend.abs().amax() for one in moves])
    assert 6.5 < shifts.max() <= 7 and 2.9 < bends.max() <= 3
    # three turns of 12 degrees at most, one after the other, make no more than 36 together
    cosines = torch.stack([(one.matrix.trace() - 1) / 2 for one in moves])
    assert math.cos(math.radians(36)) <= cosines.min() < math.cos(math.radians(12))


def test_a_bend_of_even_control_points_is_a_shift_and_none_goes_beyond_them():
    by = torch.tensor([1.0, -2.0, 3.0])[:, None, None, None]
    even = bent(by.expand(3, 7, 7, 7), (8, 9, 10))
    assert torch.allclose(even, by.expand(3, 8, 9, 10), atol=1e-5)
    knots = 2 * torch.rand(3, 7, 7, 7, generator=generator("bend")) - 1
    assert bent(knots, (32, 32, 32)).abs().amax() <= 1


def test_a_bend_of_rising_control_points_is_a_stretch():
    """A cubic B-spline gives straight lines back: control point k lies at (k - 1) spans."""
    line = (torch.arange(7.0) - 1).expand(1, 7, 7, 7)
    along = (torch.arange(16.0) + 0.5) / 16 * 4
    assert torch.allclose(bent(line, (4, 4, 16))[0], along.expand(4, 4, 16), atol=1e-5)


def test_the_strongest_bend_that_is_allowed_folds_nothing(scene):
    """The determinant of the map stays above 0; with three times as much it does not."""
    signs = 2 * torch.rand(3, 7, 7, 7, generator=generator("fold")).round() - 1
    folded = []
    for most in (0.4, 1.2):
        where = scene.voxel_centres().movedim(-1, 0) + bent(most * 80 * signs, scene.voxels)
        steps = [where.diff(dim=d)[:, :31, :31, :31] / 10 for d in (3, 2, 1)]
        folded.append(bool((torch.stack(steps, dim=-1).movedim(0, -2).det() <= 0).any()))
    assert folded == [False, True]


def test_draws_are_a_function_of_seed_draw_and_place_whatever_the_workers(recipe_of, parts):
    def stream_of(workers):
        data = {"use": "blobs", "size": 16, "views": ["bank:6"], "views_scored": [0]}
        recipe = recipe_of(
            data=data | {"views_drawn": [1, 3]},
            augment={"spatial_p": 0.7, "contrast": 0.2},
            train={"workers": workers, "batch_size": 4},
        )
        cache = PatientCache(open_training(recipe, parts), recipe, recipe.bank)
        return Stream(cache, project=make_projector(recipe, parts))

    stream = stream_of(0)
    here, there = Loader(stream, 2, "cpu"), Loader(stream_of(2), 2, "cpu")
    for k in (2, 3):
        late, one, other = stream[k], next(here), next(there)
        assert one.views == late.views == other.views
        for name in ("xrays", "volume"):
            assert torch.equal(getattr(one, name), getattr(late, name)), name
            assert torch.equal(getattr(other, name), getattr(late, name)), name


def test_a_moved_patients_xrays_are_its_own(recipe_of, parts):
    """Each image of a batch is the projector's of the volume beside it."""
    recipe = recipe_of(
        data={"use": "blobs", "size": 16, "xray": "fixed"}, augment={"spatial_p": 1.0}
    )
    patients, project = open_training(recipe, parts), make_projector(recipe, parts)
    batch = Stream(PatientCache(patients, recipe), project=project)[0]
    plain = PatientCache(patients, recipe).batch(batch.ids)
    assert not torch.allclose(batch.volume, plain.volume, atol=0.1)
    for images, volume in zip(batch.xrays, batch.volume[:, 0], strict=True):
        mu = patients.attenuate(recipe.window.to_hu(volume))
        cast = project(mu, patients.geometry, recipe.views)
        assert torch.allclose(images, (cast / 8).clamp(0, 1), atol=1e-4)


def test_what_cannot_be_done_is_said_at_once(opened):
    patients, project, views = opened
    with pytest.raises(RecipeError, match=r"flip_p = 0\.5 .* use spatial_mirror"):
        Spatial(replace(table(), flip_p=0.5), patients, project, views)
    with pytest.raises(RecipeError, match=r"bend = 40 mm could fold a volume of 320 mm .* set 32"):
        Spatial(table(bend=40.0), patients, project, views)
    with pytest.raises(PartError, match=r"pixels, and the projector gives \(3, 3\)"):
        Spatial(table(), patients, lambda mu, geometry, seen: torch.zeros(1, 3, 3), views)
    patients.geometry = replace(patients.geometry, beam="cone", source_axis_mm=100.0)
    with pytest.raises(PartError, match=r"augment.spatial_p: the source .* inside the volume"):
        Spatial(table(), patients, project, views)


def test_without_a_projector_a_stream_of_moved_patients_is_refused(recipe_of, parts):
    recipe = recipe_of(augment={"spatial_p": 0.5})
    with pytest.raises(PartError, match="X-rays of a volume cannot be made here"):
        Stream(PatientCache(open_training(recipe, parts), recipe))
