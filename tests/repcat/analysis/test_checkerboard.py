"""Is a checkerboard seen, and nothing else taken for one?"""

import pytest
import torch

from repcat.analysis.checkerboard import checkerboard, spectrum
from repcat.errors import DataError
from repcat.rng import generator


def ball(n=32):
    z, y, x = torch.meshgrid(*[torch.linspace(-1, 1, n)] * 3, indexing="ij")
    return torch.sigmoid((0.6 - (z**2 + y**2 + x**2).sqrt()) * 12)


def alternating(axis, n=32):
    shape = [1, 1, 1]
    shape[axis] = n
    return (1 - 2 * (torch.arange(n) % 2)).reshape(shape).float().expand(n, n, n)


def test_the_truth_has_as_much_as_the_truth():
    found = checkerboard(ball(), ball())
    assert [found[k] for k in ("nyquist", "nyquist_z", "nyquist_y", "nyquist_x")] == [1, 1, 1, 1]
    assert found["peak"] < 0.1


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_checkerboard_of_2_percent_shows_along_its_axis_alone(axis):
    found = checkerboard(ball(), ball() + 0.02 * alternating(axis))
    along = [found[f"nyquist_{name}"] for name in "zyx"]
    assert along[axis] > 10 and found["peak"] > 10
    assert all(v == pytest.approx(1, abs=0.1) for k, v in enumerate(along) if k != axis)


def test_blur_does_not_hide_a_checkerboard_from_the_peak():
    grainy = ball() + 0.2 * torch.rand(32, 32, 32, generator=generator("grain"))
    smooth = torch.nn.functional.avg_pool3d(grainy[None, None], 3, 1, 1)[0, 0]
    assert checkerboard(grainy, smooth)["nyquist"] < 0.1
    board = checkerboard(grainy, smooth + 0.02 * alternating(2))
    assert board["nyquist"] < 1 and board["peak"] > 10


def test_a_body_cut_by_the_cube_does_not_leak_into_every_frequency():
    cut = ball()[16:].repeat_interleave(2, 0)  # one face is full of body
    energy = spectrum(cut.contiguous(), 1)
    assert float(energy[-3:].sum() / energy.sum()) < 1e-6


def test_an_alternating_volume_has_all_its_energy_at_nyquist():
    energy = spectrum(alternating(1), 1)
    assert int(energy.argmax()) == 16 and float(energy[:14].sum() / energy.sum()) < 1e-3


def test_a_volume_too_small_for_a_spectrum_is_refused():
    with pytest.raises(DataError, match="16 voxels"):
        checkerboard(ball(8), ball(8))
