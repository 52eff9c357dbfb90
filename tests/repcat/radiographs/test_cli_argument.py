from pathlib import Path

import pytest
import torch

from repcat.errors import DataError
from repcat.radiographs.cli_argument import Given, settle, view_of
from repcat.radiographs.radiograph import Film
from repcat.view import View


def test_an_at_sign_in_a_files_name_is_kept(tmp_path):
    for name in ("a@2x.png", "b@90", "c"):
        (tmp_path / name).touch()
    assert Given.parse(f"{tmp_path}/a@2x.png@pa") == Given(tmp_path / "a@2x.png", "pa")
    assert Given.parse(f"{tmp_path}/a@2x.png") == Given(tmp_path / "a@2x.png")
    assert Given.parse(f"{tmp_path}/b@90") == Given(tmp_path / "b@90")
    assert Given.parse(f"{tmp_path}/c@90") == Given(tmp_path / "c", "90")
    assert Given.parse("gone.png") == Given(Path("gone.png"))


def test_three_hundred_digits_are_an_angle_or_none_but_never_a_traceback():
    assert Given.parse("a@" + "3" * 300) == Given(Path("a"), "3" * 300)
    with pytest.raises(DataError, match="is no angle") as error:
        Given.parse("a@" + "3" * 9000)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("angle", "said"),
    [
        ("left_latral", "did you mean left_lateral"),
        ("", "is no angle"),
        ("nan", "is no angle"),
        ("3.14", "looks like 180 degrees in radians; angles are in degrees: write 180"),
        ("1.5708", "write 90"),
        ("-1.57", "write 270"),
    ],
)
def test_what_is_no_angle_says_what_may_be_meant(angle, said):
    with pytest.raises(DataError, match=said):
        view_of(angle)


def test_names_and_degrees_are_views():
    assert view_of("ap") == View(180, mirrored=True)
    assert view_of("-90") == view_of("right_lateral") == View(270)
    assert view_of("3") == View(3)


def film(view):
    return Film(torch.zeros(2, 2), name="a.dcm", view=view)


def test_the_header_names_the_view_where_nobody_does_and_the_side_of_a_lateral():
    assert settle(film("ap"), None)[1:] == (View(180, True), "view ap (header)")
    assert settle(film("right_lateral"), "lateral")[1] == View(270)
    with pytest.raises(DataError, match="code: view-not-named"):
        settle(film(None), None)


def test_a_header_that_says_otherwise_is_told():
    found, view, _ = settle(film("ap"), "pa")
    assert view == View(0)
    assert [c.code for c in found.cautions] == ["tag"]
    assert "the header says ap, it was given as pa" in found.cautions[0].text
