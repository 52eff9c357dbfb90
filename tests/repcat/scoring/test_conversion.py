"""Published PSNRs on other scales."""

import math

import pytest

from repcat.errors import RecipeError
from repcat.scoring.conversion import convert


def test_the_papers_headline_is_18_decibels_on_its_own_range(parts) -> None:
    conversion = convert(24.32, "seed2024", "standard", parts)
    assert conversion.result == pytest.approx(18.096, abs=0.01)  # less 20 log10(4095/2000)
    assert "4095/2000) = -6.224 dB" in conversion.why[0]
    assert any("least and largest value" in line for line in conversion.not_undone)


def test_slice_averaging_is_named_as_what_cannot_be_undone(parts) -> None:
    conversion = convert(26.19, "x2ct2019", "standard", parts)
    assert conversion.result == pytest.approx(26.19 - 20 * math.log10(4095 / 2500))
    assert any("mean over slices" in line for line in conversion.not_undone)


def test_there_and_back_is_where_one_started(parts) -> None:
    there = convert(20.0, "standard", "x2ct2019", parts).result
    assert convert(there, "x2ct2019", "standard", parts).result == pytest.approx(20.0)
    assert convert(20.0, "standard", "standard", parts).not_undone == ()


@pytest.mark.parametrize("figure", [math.nan, math.inf])
def test_what_is_no_figure_is_refused(parts, figure: float) -> None:
    with pytest.raises(RecipeError, match="code: not-a-psnr"):
        convert(figure, "seed2024", "standard", parts)
