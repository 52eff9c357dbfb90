"""Both projectors against exact answers and against plastimatch."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from repcat import Geometry, RepcatError, View, attenuation, preset
from repcat.arithmetic import Arithmetic, kept_arithmetic, refused_operations
from repcat.registry.plugins import load_parts
from repcat.view import parse_views

PROJECTORS = ["march", "nanodrr"]
VIEWS = tuple(View(a) for a in (0.0, 37.0, 90.0))


def projector(name):
    return load_parts().projectors.get(name).factory()


def ellipsoid(geometry: Geometry, radii, centre, fine: int = 2):
    """Draw an ellipsoid with partial volumes at its edge (fine^3 samples a voxel)."""
    dense = geometry.resized(geometry.voxels[0] * fine)
    n, mm = dense.voxels[0], dense.voxel_mm[0]
    along = (torch.arange(n) - (n - 1) / 2) * mm
    x, y, z = (((along - c) / r) ** 2 for c, r in zip(centre, radii, strict=True))
    inside = x + y[:, None] + z[:, None, None] < 1
    return torch.nn.functional.avg_pool3d(inside[None, None].float(), fine)[0, 0]


def exact_chord(geometry: Geometry, view: View, radii, centre):
    """Length of each ray inside the ellipsoid: a quadratic in the ray parameter."""
    start, end = geometry.ray_starts(view), geometry.pixel_centres(view)
    direction = (end - start) / (end - start).norm(dim=-1, keepdim=True)
    o = (start - torch.tensor(centre)) / torch.tensor(radii)
    d = direction / torch.tensor(radii)
    a, b, c = (d * d).sum(-1), (o * d).sum(-1), (o * o).sum(-1) - 1
    return 2 * (b * b - a * c).clamp(min=0).sqrt() / a


@pytest.mark.parametrize("name", PROJECTORS)
@pytest.mark.parametrize("beam", ["default", "parallel"])
def test_line_integrals_through_ellipsoids_are_chord_lengths_to_half_a_percent(name, beam):
    geometry = preset(beam, size=128, cube_mm=320.0, pixels=40)
    bodies = [
        ((120.0, 90.0, 140.0), (0.0, 5.0, 0.0), 0.02),
        ((30.0, 45.0, 35.0), (50.0, -20.0, 40.0), 0.03),
    ]
    volume = sum(mu * ellipsoid(geometry, r, c) for r, c, mu in bodies)
    images = projector(name)(volume, geometry, VIEWS)
    truth = torch.stack(
        [sum(mu * exact_chord(geometry, v, r, c) for r, c, mu in bodies) for v in VIEWS]
    ).float()
    # of the range; the rest sits at grazing rays, where a chord's slope is infinite
    assert (images - truth).pow(2).mean().sqrt() <= 0.005 * truth.max()
    assert images.sum() == pytest.approx(truth.sum().item(), rel=0.002)


TILTED = (View(0.0, tilt=20.0), View(37.0, mirrored=True, tilt=-30.0), View(90.0, tilt=45.0))


@pytest.mark.parametrize("views", [VIEWS, TILTED])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (40.0, -90.0)])
def test_nanodrr_and_the_march_agree(views, shift):
    geometry = replace(preset("default", size=32, cube_mm=320.0), detector_shift_mm=shift)
    mu = torch.rand(32, 32, 32, generator=torch.Generator().manual_seed(0)) * 0.02
    one, other = (projector(n)(mu, geometry, views) for n in PROJECTORS)
    assert (one - other).norm() / one.norm() < 0.005


@pytest.mark.parametrize("name", PROJECTORS)
@pytest.mark.parametrize("scene", ["default", "parallel", "film"])
def test_tilted_and_off_centre_rays_are_as_long_in_an_ellipsoid_as_chords_are(name, scene):
    geometry = preset(scene, size=64, cube_mm=320.0, pixels=24)
    geometry = replace(geometry, detector_shift_mm=(25.0, -60.0))
    radii, centre = (90.0, 60.0, 100.0), (20.0, -30.0, 15.0)
    images = projector(name)(0.02 * ellipsoid(geometry, radii, centre), geometry, TILTED)
    truth = 0.02 * torch.stack([exact_chord(geometry, v, radii, centre) for v in TILTED]).float()
    assert (images - truth).pow(2).mean().sqrt() <= 0.01 * truth.max()
    assert images.sum() == pytest.approx(truth.sum().item(), rel=0.005)


def test_a_shifted_detector_shows_what_a_centred_one_shows_beside_it():
    """Moved by two pixels along columns and one along rows: the same rays, so the same values."""
    geometry = preset("default", size=32, cube_mm=320.0)
    mm = geometry.pixel_mm[0]
    mu = ellipsoid(geometry, (90.0, 60.0, 100.0), (20.0, -30.0, 15.0)) * 0.02
    beside = replace(geometry, detector_shift_mm=(mm, -2 * mm))
    one, other = (projector("march")(mu, g, TILTED) for g in (geometry, beside))
    assert torch.allclose(other[:, :-1, 2:], one[:, 1:, :-2], atol=1e-5)


def test_a_projection_is_differentiable_in_the_volume():
    geometry = preset("default", size=16, cube_mm=320.0)
    mu = torch.full((16, 16, 16), 0.01, requires_grad=True)
    projector("nanodrr")(mu, geometry, VIEWS[:1]).sum().backward()
    assert mu.grad is not None and (mu.grad[4:12, 4:12, 4:12] > 0).all()


def plastimatch_scene(size: int, spacing: float, pixels: int) -> Geometry:
    return Geometry(
        voxels=(size,) * 3,
        voxel_mm=(spacing,) * 3,
        pixels=(pixels,) * 2,
        pixel_mm=(500.0 / pixels,) * 2,
    )


@pytest.mark.parametrize("name", PROJECTORS)
@pytest.mark.parametrize("subject", ["phantom", "chest"])
def test_plastimatch_is_met_without_any_flip(name, subject, golden):
    z = golden("plastimatch_drr")
    geometry = plastimatch_scene(64, float(z[f"{subject}_spacing"]), 64)
    # plastimatch shows the image from the source: our view mirrored, at the same azimuth
    views = tuple(View(45.0 * k, mirrored=True) for k in range(8))
    for view, n, u in zip(views, z["normal"], z["column_direction"], strict=True):
        assert view.source == pytest.approx(n, abs=1e-7)
        assert view.columns == pytest.approx(u, abs=1e-7)
    mu = attenuation(torch.from_numpy(z[f"{subject}_hu"]))
    ours, theirs = projector(name)(mu, geometry, views), torch.from_numpy(z[f"{subject}_drr"]) / 0.1
    for a, b in zip(ours, theirs, strict=True):
        assert torch.corrcoef(torch.stack((a.flatten(), b.flatten())))[0, 1] >= 0.998
    assert (ours - theirs).norm() / theirs.norm() <= 0.03


@pytest.mark.parametrize("name", PROJECTORS)
def test_opposed_views_are_mirror_images_by_parallel_rays_and_not_by_a_cone(name):
    """Why four views of `bank:4`, as SPARC has them, are two pairs."""
    mu = torch.rand(16, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.02
    bank = parse_views(["bank:4"])
    assert [view.azimuth for view in bank] == [0, 90, 180, 270]
    for scene, same in (("parallel", True), ("default", False)):
        front, side, back, other = projector(name)(mu, preset(scene, size=16, cube_mm=320.0), bank)
        for one, two in ((front, back), (side, other)):
            assert ((two.flip(-1) - one).norm() < 0.001 * one.norm()) == same


def test_pa_shows_the_heart_smaller_than_ap_and_both_show_the_right_on_the_left():
    geometry = preset("default", size=64, cube_mm=320.0)
    front_left = ellipsoid(geometry, (25.0, 25.0, 25.0), (60.0, -80.0, 0.0), fine=2)
    pa, ap = projector("march")(front_left, geometry, (View.parse("pa"), View.parse("ap")))
    half = geometry.pixels[1] // 2
    assert pa[:, half:].sum() > 10 * pa[:, :half].sum()
    assert ap[:, half:].sum() > 10 * ap[:, :half].sum()
    # magnification SDD / (SAD -+ 80): the shadow's area grows by ((541 + 80) / (541 - 80))^2
    area = ((ap > ap.max() / 10).sum() / (pa > pa.max() / 10).sum()).item()
    assert area == pytest.approx(((541 + 80) / (541 - 80)) ** 2, rel=0.08)


def test_a_source_far_away_gives_parallel_rays():
    geometry = preset("parallel", size=32, cube_mm=320.0)
    far = replace(geometry, beam="cone", source_axis_mm=1e5, source_detector_mm=1e5 + 400)
    mu = ellipsoid(geometry, (90.0, 60.0, 120.0), (10.0, 20.0, 0.0), fine=2)
    one, other = (projector("nanodrr")(mu, g, VIEWS) for g in (geometry, far))
    assert (one - other).abs().max() < 0.02 * one.max()


def read_pfm(path):
    """Portable float map as plastimatch writes it: little endian, the top row first."""
    kind, size, scale, data = path.read_bytes().split(b"\n", 3)
    assert kind == b"Pf" and float(scale) < 0
    columns, rows = map(int, size.split())
    return torch.frombuffer(bytearray(data), dtype=torch.float32).view(rows, columns)


@pytest.mark.parametrize("azimuth", [0.0, 63.0, 90.0])
def test_plastimatchs_own_program_agrees_at_128_voxels(azimuth, tmp_path):
    program = Path(sys.executable).with_name("plastimatch")
    if not program.exists():
        pytest.skip("the plastimatch wheel (extra 'dev') is not installed")
    from repcat.io.volumes import write_mha
    from repcat_plugins.datasets.phantom.thorax import thorax

    hu = torch.from_numpy(thorax(0, 0, 128, 400.0)[0]).round()
    geometry = plastimatch_scene(128, 3.125, 96)
    write_mha(tmp_path / "ct.mha", hu, geometry.voxel_mm, (0.0, 0.0, 0.0), "")
    view = View(azimuth, mirrored=True)
    words = ["drr", "-i", "exact", "-P", "preprocess", "-t", "pfm", "--sad", "541", "--sid", "949"]
    words += ["-r", "96 96", "-z", "500 500", "-o", "0 0 0", "--vup", "0 0 1"]
    words += ["-n", " ".join(f"{c:.9f}" for c in view.source), "-O", str(tmp_path / "x_")]
    subprocess.run([program, *words, str(tmp_path / "ct.mha")], check=True, capture_output=True)
    (theirs,) = (read_pfm(p) for p in tmp_path.glob("x_*.pfm"))
    ours = projector("nanodrr")(attenuation(hu), geometry, (view,))[0]
    assert torch.corrcoef(torch.stack((ours.flatten(), theirs.flatten())))[0, 1] >= 0.999
    assert ours.sum() == pytest.approx(theirs.sum().item() / 0.1, rel=0.01)


@pytest.mark.gpu
@pytest.mark.parametrize("name", PROJECTORS)
def test_gradients_in_no_fixed_order_are_refused_where_bits_are_asked_for(name):
    mu = torch.full((16, 16, 16), 0.02, device="cuda", requires_grad=True)
    geometry = preset("default", size=16, cube_mm=320.0)
    with kept_arithmetic(), pytest.raises(RepcatError, match="code: not-deterministic"):
        Arithmetic.chosen(deterministic=True).set()
        with refused_operations():
            projector(name)(mu, geometry, VIEWS).sum().backward()
