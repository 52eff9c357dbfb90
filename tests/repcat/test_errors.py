"""Words of errors: short, whatever they are about."""

import sys

import pytest

from repcat import cli
from repcat.errors import RepcatError, cut, listed, shown


def test_a_long_text_loses_its_middle_and_says_so():
    assert cut("short") == "short"
    assert cut("a" * 1000 + "z", 30) == "a" * 20 + " [... 971 letters ...] " + "a" * 9 + "z"


LARGE = {
    "text": "x" * 10**6,
    "list": [1] * 10**6,
    "int": 10**5000,
    "dict": {"a": ["b" * 999] * 999},
}


@pytest.mark.parametrize("value", LARGE.values(), ids=LARGE)
def test_a_large_value_is_shown_in_part(value):
    assert len(shown(value)) < 400


def test_a_small_value_is_shown_as_python_writes_it():
    for value in ("fast", -1, 2.5, [100, -100], {"use": "march"}, True, None):
        assert shown(value) == repr(value)


def test_many_problems_are_listed_in_part():
    assert listed(["a", "b"]) == "  - a\n  - b"
    assert listed(["a"] * 51).splitlines()[-1] == "  - and 1 more"


def test_the_command_line_never_echoes_megabytes(monkeypatch, capsys):
    def fail():
        raise RepcatError("begin " + "m" * 10**7 + " end", code="x")

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(sys, "argv", ["repcat"])
    with pytest.raises(SystemExit):
        cli.main()
    told = capsys.readouterr().err
    assert "begin" in told and "end" in told and len(told) < 2_100
