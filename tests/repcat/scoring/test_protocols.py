"""Protocols by name, and what every one of them refuses."""

from dataclasses import replace

import pytest
import torch

from repcat.errors import DataError, PartError, RecipeError
from repcat.registry.plugins import load_parts
from repcat.scoring.protocols import check_same_shape, column_of, protocol, protocols

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
    assert {f.get("psnr_3d", 100) for f in found.values()} == {100}


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


def test_a_protocol_bears_the_name_that_it_was_asked_for(parts) -> None:
    assert [p.name for p in protocols(["standard", "x2ct2019"], parts)] == ["standard", "x2ct2019"]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_shows_figures_that_it_has_columns_for(hu, parts, name: str) -> None:
    by = protocol(name, parts)
    own = [c.name for c in by.columns]
    figures = by.against(hu[0])(hu[1])
    assert sorted(own) == sorted(figures)
    assert set(by.shown) <= {*own, "equivalent_blur_mm"} and set(by.compared) <= set(own)
    assert all(by.column(c.name) is c for c in by.columns)


def test_all_columns_are_shown_and_compared_where_none_are_named(parts) -> None:
    by = protocol("seed2024", parts)
    assert by.shown == by.compared == ("psnr", "ssim", "mse", "mae")
    few = replace(by, shown=("ssim",), compared=("mse", "mae"))
    assert (few.shown, few.compared) == (("ssim",), ("mse", "mae"))


def test_a_true_volume_that_is_not_finite_is_refused_before_anything_is_scored(hu, parts) -> None:
    hu[0][0, 0, :2] = float("inf")
    with pytest.raises(DataError, match="2 of 4096 voxels of the true volume are not finite"):
        protocol("standard", parts).against(hu[0])


def test_two_images_are_no_volumes() -> None:
    image, volume = torch.zeros(4, 4), torch.zeros(4, 4, 4)
    check_same_shape(volume, volume)
    with pytest.raises(DataError, match="the truth is 4 x 4 voxels and the prediction 4 x 4;"):
        check_same_shape(image, image)


def test_whole_numbers_of_hu_are_scored_as_the_same_floats(hu, parts) -> None:
    truth, prediction = (v.round() for v in hu)
    for by in protocols(NAMES, parts):
        found = by.against(truth.short())(prediction.short())
        assert found == by.against(truth)(prediction)
        assert found == by.against(truth)(prediction.double())
