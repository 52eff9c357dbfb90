from __future__ import annotations

import math

import pytest
import torch

from repcat.data.prepare.resample import Lattice, resample


def wave(n: int, period_mm: float, spacing: float) -> torch.Tensor:
    x = (torch.arange(n) - (n - 1) / 2) * spacing
    return 1000 * torch.sin(2 * math.pi * x / period_mm)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (5.0, 0.7, 0.7), (7.0, 3.0, 2.0)])
def test_a_constant_stays_constant_to_the_edge(spacing: tuple[float, float, float]) -> None:
    hu = torch.full((20, 60, 60), 40, dtype=torch.int16)
    lattice = Lattice.around((20, 60, 60), spacing, 3.125)
    assert torch.allclose(resample(hu, spacing, lattice), torch.tensor(40.0), atol=1e-3)


def test_outside_of_the_scan_is_air() -> None:
    hu = torch.zeros(10, 10, 10)
    cube = resample(hu, (2.0, 2.0, 2.0), Lattice((16, 16, 16), 2.0))
    assert (cube == -1000).sum() == 16**3 - 10**3
    assert cube[3:13, 3:13, 3:13].abs().max() == 0


def test_a_ramp_keeps_its_place_and_height() -> None:
    x = (torch.arange(100) - 49.5) * 0.8
    hu = (3 * x).expand(8, 8, 100)
    lattice = Lattice((1, 1, 16), 3.125, (0.0, 0.0, 4.0))
    assert torch.allclose(
        resample(hu, (2.0, 2.0, 0.8), lattice)[0, 0], (3 * lattice.axis(2)).float(), atol=0.6
    )


def test_a_step_lies_where_it_was_and_does_not_ring() -> None:
    hu = torch.full((4, 4, 401), -1000.0)
    hu[..., 200:] = 1000  # the edge is at -0.5 mm
    row = resample(hu, (4.0, 4.0, 1.0), Lattice((1, 1, 128), 3.125))[0, 0]
    assert row.min() >= -1000.001 and row.max() <= 1000.001
    # The integral tells the place of the edge: 200.5 mm of 401 are high.
    edge = 200 - 3.125 * float((row + 1000).sum()) / 2000
    assert edge == pytest.approx(-0.5, abs=0.05)


@pytest.mark.parametrize(("period", "most"), [(2.0, 0.001), (3.125, 0.01), (4.2, 0.08)])
def test_what_a_voxel_cannot_hold_is_damped_not_folded(period: float, most: float) -> None:
    # exp(-2 (pi sigma f)^2) with sigma = sqrt(3.125^2 - 0.7^2) / 2.
    hu = wave(512, period, 0.7).expand(3, 3, 512)
    row = resample(hu, (3.0, 3.0, 0.7), Lattice((1, 1, 100), 3.125))[0, 0]
    assert row[5:-5].abs().max() < 1000 * most * 1.2


def test_a_zone_plate_does_not_alias_and_keeps_its_mean() -> None:
    n, mm, pitch = 400, 1.0, 4.0
    x = (torch.arange(n) - (n - 1) / 2) * mm
    r2 = x[:, None] ** 2 + x[None] ** 2
    plate = 500 * torch.cos(math.pi * r2 / 400)  # period 400 / r mm: too fine beyond r = 50 mm
    cube = resample(plate.expand(4, n, n), (4.0, mm, mm), Lattice((1, 100, 100), pitch))[0]
    assert abs(float(cube.mean() - plate.mean())) < 1
    radius = r2.sqrt()[2::4, 2::4]
    middle = cube[3:-3, 3:-3][radius[3:-3, 3:-3] > 100]
    assert middle.abs().max() < 10  # period below a voxel
    assert plate[::4, ::4][r2[::4, ::4].sqrt() > 100].abs().max() > 450  # folded when not filtered


def test_means_are_kept_within_one_hu() -> None:
    torch.manual_seed(0)
    spacing = (2.5, 0.7, 0.7)
    hu = torch.nn.functional.interpolate(
        torch.rand(1, 1, 6, 6, 6), (40, 143, 143), mode="trilinear"
    )
    hu = hu[0, 0] * 2000 - 1000
    cube = resample(hu, spacing, Lattice.around((40, 143, 143), spacing, 2.0))
    assert abs(float(cube.mean() - hu.mean())) < 1


def test_scanner_padding_does_not_bleed() -> None:
    hu = torch.full((4, 4, 40), 0.0)
    hu[..., :20] = -3024
    assert resample(hu, (1.0, 1.0, 1.0), Lattice((4, 4, 10), 4.0)).min() > -1024.1
