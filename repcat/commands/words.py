"""Words by commas, as options take them."""

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
        raise RepcatError(msg)
    return [int(word) for word in found]
