"""Words by commas, as options take them."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Split at commas; spaces and empty words are dropped."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
