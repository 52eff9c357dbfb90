"""Another breath: rows moved and stretched."""

import pytest
import torch

from repcat.data.film.breath import breathe


def ramp(rows=21):
    return torch.arange(float(rows))[None, :, None].expand(1, rows, 3)


def test_no_other_breath_changes_nothing():
    assert torch.allclose(breathe(ramp(), 0.0, 0.0), ramp())


def test_a_film_moves_down_by_so_many_rows_and_its_edge_goes_on():
    moved = breathe(ramp(), 0.0, 1.5)[0, :, 0]
    assert torch.allclose(moved[2:], torch.arange(2.0, 21) - 1.5)
    assert moved[:2].tolist() == [0, 0]


@pytest.mark.parametrize("scale", [-0.03, 0.03, 0.2])
def test_a_stretched_film_has_what_was_there_farther_from_its_middle(scale):
    tall = breathe(ramp(101), scale, 0.0)[0, :, 0]
    assert tall[50].item() == pytest.approx(50)
    want = 50 + 20 / (1 + scale)
    assert tall[70].item() == pytest.approx(want, abs=1e-3)
