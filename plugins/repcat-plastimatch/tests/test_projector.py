"""plastimatch's program as a projector: units, sides, parity, and what it says when it fails."""

import subprocess
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
import torch

from repcat import Geometry, PartError, View, attenuation, preset
from repcat.testing import installed
from repcat_plastimatch import program
from repcat_plastimatch.files import read_pfm, write_mha
from repcat_plastimatch.projector import plastimatch

GOLDEN = Path(__file__).parents[3] / "tests" / "golden" / "plastimatch_drr.npz"
# An odd number of voxels and pixels: a ray runs along the axis through the middle ones.
ODD = Geometry((33, 33, 33), (4.0, 4.0, 4.0), (65, 65), (500 / 65, 500 / 65))
AZIMUTHS = (0.0, 37.0, 90.0, 200.0, 315.0)


def ncc(one, other):
    return torch.corrcoef(torch.stack((one.flatten(), other.flatten())))[0, 1].item()


def chest(size=64):
    """Attenuation (D, H, W) of a phantom, in 1/mm."""
    from repcat_plugins.datasets.phantom.thorax import thorax

    return attenuation(torch.from_numpy(thorax(0, 0, size, 400.0)[0]))


def test_a_cube_of_water_gives_mu_times_its_edge() -> None:
    """17 voxels of 4 mm at .022 per mm: 1.496, along the central ray of an odd detector."""
    mu = torch.zeros(33, 33, 33)
    mu[8:25, 8:25, 8:25] = 0.022
    images = plastimatch()(mu, ODD, (View(0.0), View(90.0), View(180.0)))
    assert images.shape == (3, 65, 65)
    for image in images:
        assert image[32, 32].item() == pytest.approx(0.022 * 68, rel=1e-5)


def test_little_absorption_is_not_taken_for_air() -> None:
    """plastimatch's own HU conversion, left out here, would make .001 per mm nothing."""
    mu = torch.zeros(33, 33, 33)
    mu[8:25, 8:25, 8:25] = 0.001
    image = plastimatch()(mu, ODD, (View(0.0),))[0]
    assert image[32, 32].item() == pytest.approx(0.001 * 68, rel=1e-5)


def test_the_voxel_where_a_ray_leaves_is_dropped_as_the_program_does_or_counted() -> None:
    """A full volume of 33 voxels of 4 mm: 32 voxels of it, or all."""
    mu = torch.full((33, 33, 33), 0.01)
    for whole, length in ((False, 128.0), (True, 132.0)):
        image = plastimatch(whole=whole)(mu, ODD, (View(0.0),))[0]
        assert image[32, 32].item() == pytest.approx(0.01 * length, rel=1e-5)


@pytest.mark.parametrize("other", ["nanodrr", "march"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_it_agrees_with_the_other_projectors_without_any_flip(other, mirrored) -> None:
    mu, geometry = chest(), preset("x2ct", size=64, cube_mm=400.0)
    views = tuple(View(a, mirrored) for a in AZIMUTHS)
    theirs = installed("projectors", other)()(mu, geometry, views)
    ours = plastimatch()(mu, geometry, views)
    for a, b in zip(ours, theirs, strict=True):
        assert ncc(a, b) >= 0.998 > max(ncc(a.flip(0), b), ncc(a.flip(1), b))
    assert (ours - theirs).norm() / ours.norm() <= 0.03


def test_voxels_and_pixels_need_not_be_cubes_and_squares() -> None:
    geometry = Geometry((20, 24, 32), (14.0, 12.0, 10.0), (40, 56), (12.0, 9.0))
    mu = torch.zeros(20, 24, 32)
    mu[3:9, 6:10, 18:28] = 0.02
    views = tuple(View(a) for a in AZIMUTHS)
    theirs = installed("projectors", "march")()(mu, geometry, views)
    ours = plastimatch()(mu, geometry, views)
    assert all(ncc(a, b) >= 0.98 for a, b in zip(ours, theirs, strict=True))
    # the same mass; a box of few voxels has soft edges in the march and hard ones here
    assert ours.sum() == pytest.approx(theirs.sum().item(), rel=0.01)


@pytest.mark.parametrize("subject", ["phantom", "chest"])
def test_it_gives_what_plastimatch_gave_from_hounsfield_units(subject) -> None:
    with np.load(GOLDEN, allow_pickle=False) as z:
        hu, drr = (torch.from_numpy(z[f"{subject}_{k}"]) for k in ("hu", "drr"))
        pitch = float(z[f"{subject}_spacing"])
    geometry = Geometry((64,) * 3, (pitch,) * 3, (64, 64), (500 / 64, 500 / 64))
    views = tuple(View(45.0 * k, mirrored=True) for k in range(8))
    ours = plastimatch()(attenuation(hu), geometry, views)
    assert (ours - drr / 0.1).norm() / (drr / 0.1).norm() <= 1e-6


def test_repcats_attenuation_is_plastimatchs_own_conversion(tmp_path) -> None:
    from repcat_plugins.datasets.phantom.thorax import thorax

    hu = torch.from_numpy(thorax(0, 0, 32, 400.0)[0]).round()
    geometry = preset("x2ct", size=32, cube_mm=400.0)
    write_mha(tmp_path / "hu.mha", hu, geometry)
    words = ["drr", "-i", "exact", "-P", "preprocess", "-t", "pfm", "--sad", "541", "--sid", "949"]
    words += ["-r", "32 32", "-z", "500 500", "-o", "0 0 0", "--vup", "0 0 1", "-n", "0 1 0"]
    words += ["-O", str(tmp_path / "x_"), str(tmp_path / "hu.mha")]
    subprocess.run([program.find(), *words], check=True, capture_output=True)
    (theirs,) = (read_pfm(p) for p in tmp_path.glob("x_*.pfm"))
    ours = plastimatch()(attenuation(hu), geometry, (View(0.0, mirrored=True),))[0]
    assert (ours - theirs / 0.1).norm() / ours.norm() <= 1e-5


def test_a_detector_beside_the_central_ray_is_refused() -> None:
    geometry = preset("default", size=8, cube_mm=320.0)
    beside = replace(geometry, detector_shift_mm=(0.0, 5.0))
    with pytest.raises(PartError, match="code: off-centre-detector"):
        plastimatch()(torch.zeros(8, 8, 8), beside, (View(0),))


def test_a_parallel_beam_is_refused() -> None:
    geometry = preset("parallel", size=8, cube_mm=320.0)
    with pytest.raises(PartError, match="code: no-parallel-beam"):
        plastimatch()(torch.zeros(8, 8, 8), geometry, (View(0.0),))


def test_a_missing_program_is_named_with_its_cure(monkeypatch) -> None:
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(program, "distribution", absent)
    with pytest.raises(PartError, match="code: program-missing"):
        program.find()


def test_a_failure_gives_the_programs_own_last_words(tmp_path) -> None:
    (tmp_path / "mu.mha").write_text("no volume")
    with pytest.raises(PartError, match=r"exit code \d+ and made 0 images: \S+") as caught:
        program.run(["--dim", "8 8"], tmp_path / "mu.mha")
    assert "\n" not in str(caught.value)


def test_the_temporary_volume_is_removed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    scene = preset("default", size=16, cube_mm=320.0)
    plastimatch()(torch.zeros(16, 16, 16), replace(scene, pixels=(8, 8)), (View(0.0),))
    assert not list(tmp_path.iterdir())
