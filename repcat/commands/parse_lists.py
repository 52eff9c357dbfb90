"""Comma-separated lists, as options take them."""

from __future__ import annotations

LONGEST = 18  # digits of a number that anyone means
MOST = 100_000  # numbers that a list may name


def words(text: str) -> tuple[str, ...]:
    """Split at commas; spaces and empty words are dropped."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def numbers(text: str) -> list[int]:
    """Read seeds by commas, each once."""
    from repcat.errors import RepcatError, cut

    found = list(dict.fromkeys(words(text)))
    if not all(_is_number(word) for word in found):
        msg = f"--seeds {cut(text)}: whole numbers by commas, such as 500,501"
        raise RepcatError(msg, code="not-numbers")
    return [int(word) for word in found]


def picks(text: str) -> list[int]:
    """Read numbers of rows by commas, ranges among them: '2,4-6' is 2, 4, 5, 6."""
    from repcat.errors import RepcatError, cut

    found: list[int] = []
    for word in words(text):
        first, _, last = word.partition("-")
        if not (_is_number(first) and _is_number(last or first)):
            msg = f"--rows {cut(text)}: numbers and ranges by commas, such as 2,4-6"
            raise RepcatError(msg, code="not-numbers")
        more = range(int(first), int(last or first) + 1)
        if len(found) + len(more) > MOST:
            msg = f"--rows {cut(text)} names more than {MOST:,} rows; no study has as many"
            raise RepcatError(msg, code="too-many-rows")
        found += more
    return list(dict.fromkeys(found))


def _is_number(word: str) -> bool:
    return word.isdecimal() and len(word) <= LONGEST
