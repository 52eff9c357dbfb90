from __future__ import annotations

from dataclasses import replace

import pytest

from repcat.data.prepare.settings import Settings
from repcat.errors import RecipeError
from repcat.view import View


def test_the_key_changes_with_what_changes_files() -> None:
    one = Settings()
    assert one.key() == Settings().key()
    assert one.key() == replace(one, any_anatomy=True).key()
    assert one.key() != replace(one, views=(View(0.00001),)).key()
    assert one.key() != replace(one, drr_window=(-500.0, 900.0)).key()


def test_differences_are_named_both_ways() -> None:
    there = Settings(size=64, clip=None).table()
    assert Settings().differences(there) == [
        "size is 64 there and 128 here",
        "clip is off there and -1000,1000 here",
    ]


def test_films_are_told_where_there_are_any_and_else_nothing_is() -> None:
    plain, films = Settings(), Settings(film=3)
    assert "film" not in plain.table() and plain.key() != films.key()
    assert films.differences(plain.table()) == ["film is missing there and 3 here"]
    assert plain.differences(films.table()) == ["film is 3 there and missing here"]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"views": (View(0.0), View(0.0, mirrored=True))}, "same angle"),
        ({"views": ()}, "0 views"),
        ({"size": 4}, "--size 4"),
        ({"clip": (100.0, -100.0)}, "range"),
        ({"bits": 3}, "--bits 3"),
        ({"cube_mm": -1.0}, "--cube -1"),
        ({"geometry": "fan"}, "'fan' is no geometry"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object], word: str) -> None:
    with pytest.raises(RecipeError, match=word):
        Settings(**wrong)  # type: ignore[arg-type]


def test_all_faults_come_at_once() -> None:
    with pytest.raises(RecipeError, match=r"--size 4.*--bits 3"):
        Settings(size=4, bits=3)
