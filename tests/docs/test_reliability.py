"""The page of promises names tests that there are."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "reliability.md"


def test_every_promise_and_every_fault_is_held_by_tests_that_there_are() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    held = [line for line in rows if re.search(r"`[\w/]+(\.py|/)`", line)]
    named = {name for line in held for name in re.findall(r"`([\w/]+(?:\.py|/))`", line)}
    assert len(held) > 50 and not [name for name in named if not (TESTS / name).exists()]
