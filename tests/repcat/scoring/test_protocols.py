"""Protocols by name, and what every one of them refuses."""

import pytest
import torch

from repcat.errors import DataError, PartError, RecipeError
from repcat.registry.plugins import load_parts
from repcat.scoring.protocols import column_of, protocol, protocols

NAMES = load_parts().protocols.names()


@pytest.fixture
def hu() -> tuple[torch.Tensor, torch.Tensor]:
    """A soft block in air and a noisy prediction of it."""
    noise = torch.randn(2, 16, 16, 16, generator=torch.Generator().manual_seed(1))
    truth = torch.full((16, 16, 16), -1000.0)
    truth[3:13, 2:14, 4:15] = 50.0
    return truth + 20 * noise[0], truth + 150 * noise[1]


def test_a_perfect_prediction_has_no_error_by_any_protocol(hu, parts) -> None:
    truth = hu[0].clamp(min=-1000)  # inside of every window: perx2ct2023 clips the truth alone
    found = {name: protocol(name, parts).against(truth)(truth) for name in NAMES}
    no_error = {"standard": float("inf"), "sparc2026": 120.0}
    assert {n: f["psnr"] for n, f in found.items()} == {n: no_error.get(n, 100.0) for n in NAMES}
    assert all(f["ssim"] == pytest.approx(1) for f in found.values())


def test_a_wrong_name_gets_the_nearest_and_none_gets_all(parts) -> None:
    with pytest.raises(PartError, match="no protocol is called 'seed2023'; did you mean 'seed20"):
        protocol("seed2023", parts)
    with pytest.raises(RecipeError, match="no protocol to score by; there are perx2ct2023, psct"):
        protocols((), parts)


def test_a_figure_has_its_protocols_column_or_repcats(parts) -> None:
    assert column_of("x2ct2019", "psnr_3d", parts).arrow == "PSNR-3D dB ↑"
    assert column_of("faithfulness", "reprojection_ncc", parts).better == "up"
    assert column_of("standard", "a_metric", parts).heading == "a_metric"


@pytest.mark.parametrize("name", NAMES)
def test_volumes_on_other_grids_and_nans_are_refused(hu, parts, name: str) -> None:
    score = protocol(name, parts).against(hu[0])
    with pytest.raises(DataError, match="truth is 16 x 16 x 16 voxels and the prediction 8 x 16"):
        score(hu[1][:8])
    with pytest.raises(DataError, match="1 of 4096 voxels of the prediction are not finite"):
        score(hu[1].clone().put_(torch.tensor(5), torch.tensor(float("nan"))))
