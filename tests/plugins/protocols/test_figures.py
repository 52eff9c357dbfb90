"""Every figure of every protocol against NumPy, and the range and peak each one states."""

from __future__ import annotations

import numpy as np
import pytest

from repcat import Window
from repcat.scoring.body_mask import body_mask
from repcat.scoring.protocols import protocol

X2CT_SHOWN = ("psnr", "psnr_3d", "ssim", "mse", "mae")


def errors(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return mean squared and mean absolute error."""
    return ((a - b) ** 2).mean(), np.abs(a - b).mean()


@pytest.fixture
def figures(hu, parts):
    """Return the figures of a protocol on the block, in a window that is no protocol's own."""
    return lambda name: protocol(name, parts).against(hu[0], Window(-900, 600))(hu[1])


@pytest.fixture
def volumes(hu) -> list[np.ndarray]:
    return [v.double().numpy() for v in hu]


def test_standard_clips_both_to_the_runs_window_and_scores_the_body_too(hu, volumes, figures):
    truth, prediction = (np.clip((v + 900) / 1500, 0, 1) for v in volumes)
    found, mask = figures("standard"), body_mask(hu[0]).numpy()
    for prefix, (mse, mae) in (
        ("", errors(truth, prediction)),
        ("body_", errors(truth[mask], prediction[mask])),
    ):
        assert found[prefix + "mse"] == pytest.approx(mse, rel=1e-5)
        assert found[prefix + "mae"] == pytest.approx(mae, rel=1e-5)
        assert found[prefix + "mae_hu"] == pytest.approx(1500 * mae, rel=1e-5)
        assert found[prefix + "psnr"] == pytest.approx(-10 * np.log10(mse), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "clips_prediction"), [("x2ct2019", True), ("psct2026", True), ("perx2ct2023", False)]
)
def test_integers_of_2500_are_truncated_for_psnr_but_not_for_errors(
    volumes, figures, name: str, clips_prediction: bool
):
    truth, prediction = ((v + 1024) / 2500 for v in volumes)
    truth = np.clip(truth, 0, 1)
    prediction = np.clip(prediction, 0, 1) if clips_prediction else prediction
    found, (mse, mae) = figures(name), errors(truth, prediction)
    assert (found["mse"], found["mae"]) == pytest.approx((mse, mae), rel=1e-5)
    whole = [np.trunc(2500 * v) for v in (truth, prediction)]
    peak = {"psct2026": 2500}.get(name, 4095)
    whole_mse, whole_mae = errors(*whole)
    assert found["psnr_3d"] == pytest.approx(10 * np.log10(peak**2 / whole_mse), abs=1e-4)
    for axis, letter in enumerate("zyx"):
        others = tuple({0, 1, 2} - {axis})
        by_slice = ((whole[0] - whole[1]) ** 2).mean(axis=others)
        decibels = np.mean(10 * np.log10(peak**2 / by_slice))
        assert found[f"psnr_{letter}"] == pytest.approx(decibels, abs=1e-4)
    assert found["psnr"] == pytest.approx(sum(found[f"psnr_{c}"] for c in "zyx") / 3)
    if name != "perx2ct2023":
        assert found["mse_2500"] == pytest.approx(whole_mse, rel=1e-4)
        assert found["mae_2500"] == pytest.approx(whole_mae, rel=1e-4)


def test_seed2024_clips_the_prediction_to_the_truths_extremes(volumes, figures):
    low, high = volumes[0].min(), volumes[0].max()
    truth, prediction = ((v - low) / (high - low + 1e-4) for v in volumes)
    found, (mse, mae) = figures("seed2024"), errors(truth, np.clip(prediction, 0, 1))
    assert (found["mse"], found["mae"]) == pytest.approx((mse, mae), rel=1e-5)


def test_sparc2026_clips_whole_hu_of_2048_at_both_ends(volumes, figures):
    truth, prediction = (np.trunc(np.clip(v, -1024, 1024)) / 2048 for v in volumes)
    found, (mse, mae) = figures("sparc2026"), errors(truth, prediction)
    assert (found["mse"], found["mae"]) == pytest.approx((mse, mae), rel=1e-5)
    assert found["mae_hu"] == pytest.approx(2048 * mae, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "span", "peak", "shown"),
    [
        ("standard", 1, 1, ("body_psnr", "equivalent_blur_mm", "psnr")),
        ("seed2024", 2000, 4095, ("psnr", "ssim", "mse", "mae")),
        ("x2ct2019", 2500, 4095, X2CT_SHOWN),
        ("perx2ct2023", 2500, 4095, X2CT_SHOWN),
        ("psct2026", 2500, 2500, X2CT_SHOWN),
        ("sparc2026", 1, 1, ("psnr", "ssim", "mse", "mae", "mae_hu")),
    ],
)
def test_a_protocol_states_its_range_its_peak_and_what_it_lost(parts, name, span, peak, shown):
    by = protocol(name, parts)
    assert (by.span, by.peak, by.shown[: len(shown)]) == (span, peak, shown)
    assert all(map(str.strip, by.irreversible)) and bool(by.irreversible) == (name != "standard")
    assert by.window.startswith("the run's") == (name == "standard")


def test_runs_are_ranked_by_the_bodys_psnr(parts):
    by = protocol("standard", parts)
    assert by.compared == ("body_psnr", "body_ssim", "body_mae_hu", "psnr")
    assert by.shown[3:] == ("body_ssim", "ssim", "body_mae_hu")
