"""Comma-separated lists, as options take them."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Split at commas; spaces and empty words are dropped."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def numbers(text: str) -> list[int]:
    """Read seeds by commas, each once."""
    from repcat.errors import RepcatError

    found = list(dict.fromkeys(words(text)))
    if not all(word.isdecimal() for word in found):
        msg = f"--seeds {text}: whole numbers by commas, such as 500,501"
        raise RepcatError(msg, code="not-numbers")
    return [int(word) for word in found]


def picks(text: str) -> list[int]:
    """Read numbers of rows by commas, ranges among them: '2,4-6' is 2, 4, 5, 6."""
    from repcat.errors import RepcatError

    found: list[int] = []
    for word in words(text):
        first, _, last = word.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            msg = f"--rows {text}: numbers and ranges by commas, such as 2,4-6"
            raise RepcatError(msg, code="not-numbers")
        found += range(int(first), int(last or first) + 1)
    return list(dict.fromkeys(found))
