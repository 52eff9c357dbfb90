from __future__ import annotations

import pytest
import torch

from repcat import Grid
from repcat_plugins.networks.decoder import Decoder, start_of


@pytest.mark.parametrize(
    ("size", "least", "start"),
    [
        ((64, 64, 64), (4, 4, 4), (4, 4, 4)),
        ((48, 48, 48), (4, 4, 4), (6, 6, 6)),
        ((64, 64, 64), (2, 2, 2), (2, 2, 2)),
        ((64, 32, 96), (4, 4, 4), (8, 4, 12)),
        ((33, 32, 32), (4, 4, 4), (33, 32, 32)),
    ],
)
def test_a_size_is_halved_while_it_can(size: tuple, least: tuple, start: tuple) -> None:
    assert start_of(size, least) == start


def test_channels_halve_to_the_width_and_never_pass_the_widest() -> None:
    decoder = Decoder(Grid(7, (2, 2, 2)), Grid(3, (32, 32, 32)), width=4, widest=16, norm="batch")
    doublings = [m for m in decoder.main if isinstance(m, torch.nn.ConvTranspose3d)]
    assert [m.out_channels for m in doublings] == [16, 16, 8, 4]
    assert decoder(torch.rand(2, 7, 2, 2, 2)).shape == (2, 3, 32, 32, 32)
