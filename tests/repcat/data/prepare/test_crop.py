"""Where the cube goes, and what it leaves out."""

from __future__ import annotations

import pytest
import torch

from repcat.data.prepare.body import Body
from repcat.data.prepare.crop import fit, place
from repcat.data.prepare.resample import Lattice


def block(shape: tuple[int, int, int], inside: tuple[slice, slice, slice]) -> Body:
    mask = torch.zeros(shape, dtype=torch.bool)
    mask[inside] = True
    return Body(mask, Lattice(shape, 4.0), air=0.2, cut=0.0)


def test_the_cube_is_centred_on_the_body_and_the_scan() -> None:
    body = block((50, 50, 50), (slice(0, 50), slice(10, 30), slice(20, 50)))
    assert place(body, 200, 150, "centre") == pytest.approx((0, -20, 40))


def test_top_keeps_the_upper_slices_of_a_high_scan_only() -> None:
    body = block((50, 50, 50), (slice(0, 50), slice(10, 40), slice(10, 40)))
    assert place(body, 500, 320, "top")[0] == 90
    assert place(body, 200, 320, "top")[0] == 0


def test_what_the_cube_leaves_out_is_counted() -> None:
    body = block((50, 50, 50), (slice(0, 50), slice(15, 35), slice(15, 35)))
    found = fit(body, (0.0, 0.0, 0.0), 100.0, "centre")
    assert found.outside == pytest.approx(0.48, abs=0.03)
    assert found.needed_mm == 200
    assert fit(body, (50.0, 0.0, 0.0), 100.0, "top").outside == 0
