"""An even error has a known PSNR in every protocol: 20 log10(peak / span * window / error)."""

import math

import pytest
import torch

from repcat.registry.plugins import load_parts
from repcat.scoring.protocols import protocol
from repcat.types import Window

# What 100 HU too many are, as a share of each protocol's own range.
SHARES = {
    "standard": 100 / 2000,
    "seed2024": 100 / 1700,  # of the truth's own extremes, -1000..700
    "x2ct2019": 100 / 2500,
    "perx2ct2023": 100 / 2500,
    "psct2026": 100 / 2500,
    "sparc2026": 100 / 2048,
}
PEAKS = {  # over the range that the values span, as FIELD's table of codes has it
    "standard": 1.0,
    "seed2024": 4095 / 2000,
    "x2ct2019": 4095 / 2500,
    "perx2ct2023": 4095 / 2500,
    "psct2026": 1.0,
    "sparc2026": 1.0,
}


def test_every_protocol_of_our_own_is_known_here() -> None:
    parts = load_parts().protocols.parts.values()
    assert {p.name for p in parts if p.origin == "repcat"} == set(SHARES) == set(PEAKS)


@pytest.mark.parametrize("name", SHARES)
def test_a_hundred_hu_too_many_score_what_their_share_of_the_range_is(name: str) -> None:
    chance = torch.Generator().manual_seed(0)
    truth = torch.randint(-990, 601, (16, 16, 16), generator=chance).float()
    truth[:, 0, 0], truth[:, 0, 1] = -1000.0, 700.0  # in every axial slice, one voxel of each
    by = protocol(name, load_parts())
    figures = by.against(truth)(truth + 100)
    # seed2024 alone clips the voxels that the truth's own extreme is exceeded in
    kept = 1 - float((truth > 600).float().mean()) if name == "seed2024" else 1.0
    expected = 20 * math.log10(PEAKS[name] / SHARES[name]) - 10 * math.log10(kept)
    # truncation turns 100 of 2500 into 99 or 101 in few voxels
    assert figures["psnr"] == pytest.approx(expected, abs=0.02)
    assert by.offset_db == pytest.approx(20 * math.log10(PEAKS[name]))


def test_a_narrower_window_costs_decibels_for_the_same_error_in_hu() -> None:
    soft = torch.full((16, 16, 16), 0.0)
    wide, narrow = (
        protocol("standard", load_parts()).against(soft, window)(soft + 100)["psnr"]
        for window in (Window(-1000, 1000), Window(-500, 500))
    )
    assert wide == pytest.approx(20 * math.log10(20), abs=1e-4)  # 100 HU of 2000
    assert wide - narrow == pytest.approx(20 * math.log10(2), abs=1e-4)
