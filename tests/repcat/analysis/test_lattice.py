"""Is a lattice seen at its period, as strong as it is, and nothing else taken for one?"""

from __future__ import annotations

import math

import pytest
import torch

from repcat.analysis.lattice import lattice
from repcat.errors import DataError
from repcat.rng import generator

N = 64


def noise(deviation: float = 1.0) -> torch.Tensor:
    return deviation * torch.randn(N, N, N, generator=generator("lattice"))


def waves(period: int, axis: int) -> torch.Tensor:
    shape = [1, 1, 1]
    shape[axis] = N
    return torch.cos(2 * math.pi / period * torch.arange(N)).reshape(shape).expand(N, N, N)


@pytest.mark.parametrize("period", [2, 4, 8])
@pytest.mark.parametrize("axis", [0, 2])
def test_a_wave_stands_out_of_white_noise_by_its_energy(period: int, axis: int) -> None:
    """A window w has |a/2 sum w|^2 of a wave (|a sum w|^2 at Nyquist) and s^2 sum w^2 of noise."""
    window = torch.hann_window(N, periodic=False, dtype=torch.float64)
    share = 1.0 if period == 2 else 0.25
    amplitude = 0.5
    wanted = 1 + share * amplitude**2 * float(window.sum() ** 2 / window.square().sum())
    found = lattice(noise() + amplitude * waves(period, axis))
    assert found[f"lattice_{period}"] == pytest.approx(wanted, rel=0.1)
    assert found["lattice"] == found[f"lattice_{period}"]
    others = [found[f"lattice_{p}"] for p in (2, 4, 8) if p != period]
    assert all(v == pytest.approx(1, abs=0.1) for v in others)


def test_noise_and_a_smooth_ball_have_none() -> None:
    z, y, x = torch.meshgrid(*[torch.linspace(-1, 1, N)] * 3, indexing="ij")
    ball = torch.sigmoid((0.6 - (z**2 + y**2 + x**2).sqrt()) * 12)
    assert lattice(noise())["lattice"] < 1.1
    assert lattice(ball + noise(0.01))["lattice"] < 1.5


def test_blocks_of_two_voxels_are_a_lattice() -> None:
    """Nearest-neighbour enlargement, smoothed by nothing."""
    coarse = torch.rand(1, 1, 32, 32, 32, generator=generator("blocks"))
    linear = torch.nn.functional.interpolate(coarse, scale_factor=2, mode="trilinear")[0, 0]
    tilted = linear + 0.05 * waves(2, 1)
    assert lattice(tilted)["lattice_2"] > 10 * lattice(linear)["lattice_2"]


def test_periods_that_a_small_volume_cannot_hold_are_left_out() -> None:
    assert lattice(noise()[:24, :24, :24]).keys() == {"lattice", "lattice_2", "lattice_4"}
    assert lattice(noise()[:18, :18, :18]).keys() == {"lattice", "lattice_2"}
    odd = lattice(noise()[:17, :17, :17])
    assert odd.keys() == {"lattice"} and math.isnan(odd["lattice"])


def test_a_volume_too_small_for_a_spectrum_is_refused() -> None:
    with pytest.raises(DataError, match="16 voxels"):
        lattice(noise()[:8, :8, :8])
