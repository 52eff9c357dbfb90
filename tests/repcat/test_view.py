"""Directions of views: azimuth, tilt, names, and how they are written."""

import pytest
import torch

from repcat import View
from repcat.errors import RecipeError
from repcat.view import parse_views


def test_ap_and_pa_have_opposite_sources_and_the_same_columns():
    pa, ap = View.parse("pa"), View.parse("ap")
    assert ap.source == pytest.approx([-c for c in pa.source], abs=1e-12)
    assert ap.columns == pytest.approx(pa.columns, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "azimuth"), [("45", 45), (360.5, 0.5), ("-90", 270), (359.5, 359.5), ("frontal", 0)]
)
def test_degrees_are_read_as_a_turn_of_360(text, azimuth):
    assert View.parse(text) == View(azimuth)


def test_a_view_is_written_as_its_degrees():
    assert [str(View(12.5)), str(View(180, mirrored=True))] == ["12.5", "180 mirrored"]


@pytest.mark.parametrize("text", ["sideways", "nan", "inf"])
def test_a_view_that_is_none_is_refused_with_the_names_there_are(text):
    with pytest.raises(RecipeError, match=r"pa, ap, frontal, .*_lateral\ncode: not-a-view"):
        View.parse(text)


def test_a_bank_is_even_azimuths_from_0_on_and_may_stand_among_views():
    assert parse_views(["bank:24"]) == tuple(View(15.0 * k) for k in range(24))
    assert parse_views([5, "bank:2", "ap"]) == (View(5), View(0), View(180), View(180, True))


@pytest.mark.parametrize(
    "word", ["bank:0", "bank:73", "bank:", "bank:-4", "bank:1e1", "bank:\u0664"]
)
def test_a_bank_of_no_number_from_1_to_72_is_refused(word):
    with pytest.raises(RecipeError, match="give bank:1 to bank:72\ncode: not-a-bank"):
        parse_views([word])


@pytest.mark.parametrize("azimuth", [0, 90, 200])
@pytest.mark.parametrize("tilt", [-20, 0, 30])
def test_source_columns_and_rows_are_at_right_angles_and_rows_run_to_the_feet(azimuth, tilt):
    view = View(azimuth, tilt=tilt)
    axes = torch.tensor((view.source, view.columns, view.rows), dtype=torch.float64)
    assert torch.allclose(axes @ axes.T, torch.eye(3, dtype=torch.float64), atol=1e-12)
    assert axes.det().item() == pytest.approx(1)
    assert view.rows[2] < 0 and view.columns == View(azimuth).columns


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("30 tilt 10", View(30, tilt=10)),
        ("left_lateral tilt -5.5", View(90, tilt=-5.5)),
        ("ap tilt 20", View(180, True, 20)),
    ],
)
def test_a_tilted_view_is_read_and_written(text, view):
    assert View.parse(text) == view and View.from_dict(view.to_dict()) == view
    assert str(view).endswith(text.partition(" ")[2])


@pytest.mark.parametrize("text", ["30 tilt 61", "30 tilt x", "30 tilt 1 tilt 2", "up tilt 5"])
def test_a_view_that_is_tilted_too_far_or_by_nothing_is_refused(text):
    with pytest.raises(RecipeError, match=r"is no view: .*\ncode: not-a-view"):
        View.parse(text)
