"""Lists by commas: numbers that are meant, and no more of them than can be."""

import pytest

from repcat.commands.parse_lists import numbers, picks, words
from repcat.errors import RepcatError


def test_lists_are_read():
    assert words(" a, b,,") == ("a", "b")
    assert numbers("500,501,500") == [500, 501]
    assert picks("2,4-6,5") == [2, 4, 5, 6]


@pytest.mark.parametrize("text", ["1" * 5_000, "a" * 10_000, "-1", "1.5", "\u00b2"])
def test_what_is_no_number_is_refused_in_a_short_line(text):
    for read in (numbers, picks):
        with pytest.raises(RepcatError, match="code: not-numbers") as caught:
            read(text)
        assert len(str(caught.value)) < 400


def test_a_range_without_end_takes_no_memory():
    with pytest.raises(RepcatError, match="code: too-many-rows"):
        picks("1-999999999999999999")
