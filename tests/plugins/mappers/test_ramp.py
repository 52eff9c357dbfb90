from __future__ import annotations

import math

import pytest
import torch

from repcat_plugins.mappers.ramp import ramp


def test_it_is_the_ramp_in_the_frequencies_of_a_row() -> None:
    """Of a wave of frequency f (1: two pixels a period) the ramp leaves f / 2 parts of four."""
    filtered = ramp(512)
    for frequency in (0.25, 0.5, 0.75):
        wave = torch.cos(math.pi * frequency * torch.arange(512.0))
        middle = slice(200, 312)
        assert (wave @ filtered)[middle].sub(2 * frequency * wave[middle]).abs().max() < 0.01


def test_a_flat_row_comes_to_nothing_in_its_middle() -> None:
    assert (torch.ones(512) @ ramp(512))[256].abs() < 0.01


@pytest.mark.parametrize("columns", [1, 7, 16])
def test_a_single_bright_pixel_stays_as_bright(columns: int) -> None:
    assert ramp(columns).diagonal().equal(torch.ones(columns))
    assert ramp(columns).equal(ramp(columns).T)
