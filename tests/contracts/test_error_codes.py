"""Every error that is the user's to cure has a code: what tests and programs go by."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from repcat import errors

ROOT = Path(__file__).parents[2]
OURS = {n for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, Exception)}
FILES = [
    *sorted((ROOT / "repcat").rglob("*.py")),
    *sorted(p for p in (ROOT / "plugins").rglob("*.py") if "tests" not in p.parts),
]
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def raised(file: Path) -> Iterator[tuple[int, ast.expr | None]]:
    """Yield the line and the code of each error of ours that a file raises."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name), keywords=keywords)) if name in OURS:
                yield node.lineno, next((k.value for k in keywords if k.arg == "code"), None)


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_every_error_that_is_raised_has_a_code(file: Path) -> None:
    for line, code in raised(file):
        assert code is not None, f"line {line}: give it a code"
        if isinstance(code, ast.Constant):  # else it passes another error's code on
            assert CODE.fullmatch(code.value), f"line {line}: {code.value!r}"


def test_an_error_tells_its_code_and_keeps_it_between_processes() -> None:
    error = errors.DataError("no lungs found; keep it", code="not-a-chest")
    assert (str(error), error.code) == ("no lungs found; keep it", "not-a-chest")
    for same in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (str(same), same.code, same.__notes__) == (str(error), error.code, error.__notes__)


def test_a_message_with_a_section_in_the_docs_has_its_anchor_as_code() -> None:
    pairs = [
        (anchor, code[1])
        for file in FILES
        for anchor, after in re.findall(
            r"docs/messages\.md#([a-z0-9-]+)(.{0,160})", file.read_text(encoding="utf-8"), re.S
        )
        if (code := re.search(r'raise \w+Error\(.*?code="([a-z0-9-]+)"', after, re.S))
    ]
    assert len(pairs) >= 9  # the rest are put together out of sight of their raise
    assert [anchor for anchor, _ in pairs] == [code for _, code in pairs]
