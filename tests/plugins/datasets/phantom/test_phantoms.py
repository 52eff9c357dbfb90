from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

import repcat
from repcat_plugins.datasets.phantom.phantoms import LABELS, Phantoms, thorax
from repcat_plugins.datasets.phantom.population import draw

VIEWS = (repcat.View(0.0), repcat.View(90.0))
SIZE, CUBE = 48, 400.0


def shadows(
    mu: torch.Tensor, geometry: repcat.Geometry, views: tuple[repcat.View, ...]
) -> torch.Tensor:
    """Project along y at azimuth 0 and along x at 90, in parallel, rows from head to foot."""
    along = {0.0: 1, 90.0: 2}
    images = [mu.sum(along[v.azimuth]).flip(0) * geometry.voxel_mm[0] for v in views]
    return torch.stack(images)


def phantoms(size: int = 24, **options: object) -> Phantoms:
    return Phantoms(repcat.Request(size, VIEWS, shadows), **options)


@cache
def chest(index: int, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    return thorax(0, index, size, CUBE)


@cache
def pooled() -> tuple[np.ndarray, np.ndarray]:
    volumes, labels = zip(*(chest(i) for i in range(16)), strict=True)
    return np.stack(volumes), np.stack(labels)


def centre(index: int, *organs: str) -> np.ndarray:
    """Return the centre of organs (x, y, z) in mm of the patient's own frame."""
    labels = chest(index)[1]
    where = np.argwhere(np.isin(labels, [LABELS[o] for o in organs])).mean(0)[::-1]
    pose = draw(0, index).pose
    return ((where - (SIZE - 1) / 2) * CUBE / SIZE - pose.shift) @ pose.rotation


def downsampled(volume: np.ndarray, factor: int) -> np.ndarray:
    n = volume.shape[0] // factor
    return volume.reshape(n, factor, n, factor, n, factor).mean((1, 3, 5))


def test_a_phantom_is_a_function_of_seed_and_index_not_of_history() -> None:
    first = thorax(3, 7, 24, CUBE)
    np.random.seed(1)
    torch.manual_seed(1)
    thorax(3, 8, 24, CUBE)
    again = thorax(3, 7, 24, CUBE)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("other", [(4, 7), (3, 8)])
def test_another_seed_or_index_is_another_patient(other: tuple[int, int]) -> None:
    assert np.abs(thorax(3, 7, 24, CUBE)[0] - thorax(*other, 24, CUBE)[0]).mean() > 20


@pytest.mark.parametrize("index", range(12))
def test_organs_lie_where_they_do_in_a_patient(index: int) -> None:
    heart, lung = centre(index, "heart", "blood"), centre(index, "lung")
    spine, liver, stomach = (centre(index, o) for o in ("spine", "liver", "stomach"))
    assert heart[0] > 5  # on the left
    assert heart[1] < lung[1]  # in the front half
    assert spine[1] > max(lung[1], heart[1]) + 30  # at the back
    assert centre(index, "sternum")[1] < heart[1]
    assert liver[0] < -10 < 10 < stomach[0]
    assert max(liver[2], stomach[2]) < heart[2]
    assert centre(index, "clavicle")[2] > lung[2]
    assert centre(index, "aorta")[0] > spine[0]


@pytest.mark.parametrize("index", range(12))
def test_the_head_is_up(index: int) -> None:
    """The windpipe runs up from the lungs and the belly holds more tissue than the shoulders."""
    labels = chest(index)[1]
    levels = np.argwhere(labels == LABELS["airway"])[:, 0]
    lung_levels = np.argwhere(labels == LABELS["lung"])[:, 0]
    assert levels.max() > lung_levels.max()
    assert (labels[:8] > 0).sum() > (labels[-8:] > 0).sum()


@pytest.mark.parametrize(
    ("organ", "low", "high"),
    [
        ("air", -1000, -1000),
        ("lung", -870, -690),
        ("airway", -1000, -600),
        ("fat", -115, -40),
        ("muscle", 25, 75),
        ("heart", 30, 120),
        ("blood", 20, 250),
        ("aorta", 10, 250),
        ("liver", 30, 120),
        ("spleen", 20, 120),
        ("effusion", -20, 40),
        ("spine", 200, 450),
        ("rib", 250, 800),
    ],
)
def test_labels_agree_with_hounsfield_units(organ: str, low: float, high: float) -> None:
    volumes, labels = pooled()
    for volume, label in zip(volumes, labels, strict=True):
        inside = volume[label == LABELS[organ]]
        assert inside.size < 10 or low <= np.median(inside) <= high


def test_every_organ_is_seen_in_a_population() -> None:
    assert set(np.unique(pooled()[1])) == set(LABELS.values())


@pytest.mark.parametrize("index", range(3))
def test_a_phantom_is_one_patient_at_any_size(index: int) -> None:
    coarse, fine = chest(index, 32)[0], downsampled(chest(index, 64)[0], 2)
    assert np.corrcoef(coarse.ravel(), fine.ravel())[0, 1] > 0.99
    body = chest(index, 32)[1] > 0
    assert np.corrcoef(coarse[body], fine[body])[0, 1] > 0.97


def test_a_smaller_cube_is_cut_from_the_larger() -> None:
    whole, part = thorax(0, 0, 48, 480.0), thorax(0, 0, 24, 240.0)
    inner = slice(12, 36)
    # Noise is in mm about the cube's centre, so that it is the same too.
    assert np.allclose(whole[0][inner, inner, inner], part[0], atol=0.5)


def test_patients_differ_in_size_lungs_heart_and_level() -> None:
    labels, cm3 = pooled()[1], (CUBE / SIZE / 10) ** 3
    volume = {
        organ: cm3 * np.isin(labels, [LABELS[o] for o in organ.split()]).sum((1, 2, 3))
        for organ in ("lung vessel", "heart blood")
    }
    body = cm3 * (labels > 0).sum((1, 2, 3))
    base = [np.argwhere(v == LABELS["lung"])[:, 0].mean() * CUBE / SIZE for v in labels]
    assert body.std() / body.mean() > 0.1
    assert volume["lung vessel"].std() / volume["lung vessel"].mean() > 0.15
    assert volume["heart blood"].std() / volume["heart blood"].mean() > 0.1
    assert np.std(base) > 8


def test_texture_is_there_and_modest() -> None:
    """Within an organ's inside HU vary, by no more than 12 in the liver and 40 in the lung."""
    spread = {}
    for organ in ("liver", "lung"):
        volume, labels = chest(0)
        mask = torch.from_numpy(labels == LABELS[organ]).float()[None, None]
        deep = (-torch.nn.functional.max_pool3d(1 - mask, 5, 1, 2) + 1)[0, 0].numpy() > 0.5
        spread[organ] = volume[deep].std()
    assert 3 < spread["liver"] < 12
    assert 10 < spread["lung"] < 40


def test_two_views_tell_more_than_the_mean_patient() -> None:
    """Ridge regression from 64 patients beats their mean on 16 others by 3 dB, body only.

    The kernel form: with fewer patients than pixels the weights are combinations of patients.
    """
    data = phantoms(train=64, test=16)
    found = [data.load(i) for s in ("train", "test") for i in data.ids(s)]
    x = torch.stack([torch.log1p(p.integrals).flatten() for p in found]).double()
    y = torch.stack([repcat.Window().to_unit(p.volume).flatten() for p in found]).double()
    body = torch.stack([p.labels.flatten() > 0 for p in found[64:]])
    mean, x = y[:64].mean(0), x - x[:64].mean(0)
    kernel = x[:64] @ x[:64].T + 10 * torch.eye(64, dtype=torch.float64)
    ridge = mean + x[64:] @ x[:64].T @ torch.linalg.solve(kernel, y[:64] - mean)

    def psnr(guess: torch.Tensor) -> torch.Tensor:
        errors = (guess.clamp(0, 1) - y[64:]).square() * body
        return -10 * torch.log10(errors.sum(1) / body.sum(1)).mean()

    nearest = y[:64][torch.cdist(x[64:], x[:64]).argmin(1)]
    assert psnr(ridge) - psnr(mean.expand(16, -1)) > 3
    assert psnr(ridge) - psnr(nearest) > 1.5


def test_splits_share_nobody_whatever_their_size() -> None:
    data = phantoms(train=100_000, validation=100_000, test=300)
    ids = [data.ids(s) for s in ("train", "validation", "test")]
    assert len(set().union(*ids)) == sum(map(len, ids))


def test_more_training_patients_leave_the_others_as_they_are() -> None:
    few, many = phantoms(train=4), phantoms(train=400)
    assert few.ids("test") == many.ids("test")
    assert few.ids("train") == many.ids("train")[:4]


def test_a_patient_has_volume_views_and_labels() -> None:
    data = phantoms()
    patient = data.load("phantom-00003")
    assert patient.id == "phantom-00003"
    assert patient.volume.shape == (24, 24, 24)
    assert patient.volume.dtype == torch.float32
    assert patient.volume.min() >= -1000
    assert patient.labels is not None
    assert patient.labels.dtype == torch.uint8
    expected = shadows(repcat.attenuation(patient.volume), data.geometry, VIEWS)
    assert torch.equal(patient.integrals, expected)


def test_the_fingerprint_follows_the_data() -> None:
    prints = [
        phantoms(**options).fingerprint
        for options in ({}, {"seed": 1}, {"train": 5}, {"cube_mm": 360.0}, {"geometry": "x2ct"})
    ]
    assert len(set(prints)) == len(prints)
    assert phantoms().fingerprint == prints[0]
    assert phantoms(32).fingerprint != prints[0]


def test_a_phantoms_content_is_his_own_however_many_there_are() -> None:
    mine = "phantom-00003"
    contents = {phantoms(**o).content(mine) for o in ({}, {"train": 5}, {"test": 9})}
    assert len(contents) == 1 and phantoms(32).content(mine) in contents
    others = ({"seed": 1}, {"cube_mm": 360.0})
    assert not contents & {phantoms(**o).content(mine) for o in others}
    assert phantoms().content("phantom-00004") not in contents


@pytest.mark.parametrize(
    "patient", ["phantom-00128", "phantom-3", "phantom--0001", "phantom-²", "lidc_0001", ""]
)
def test_an_unknown_patient_is_refused(patient: str) -> None:
    with pytest.raises(repcat.DataError, match=r"no phantom is called .* train phantom-00000 to"):
        phantoms().load(patient)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(repcat.DataError, match="no split 'val'; there are train, validation, test"):
        phantoms().ids("val")


def test_phantoms_of_gigabytes_are_refused_before_any_is_drawn():
    request = repcat.Request(1024, (repcat.View(0.0),), project=lambda *_: torch.zeros(0))
    with pytest.raises(repcat.PartError, match="code: too-large"):
        Phantoms(request)
