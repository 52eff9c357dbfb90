"""No plugin imports anything of repcat but its public names; tests of plugins also its checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import repcat
from repcat import testing

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
PUBLIC = set(repcat.__all__) - {"testing"}
FILES = sorted(PLUGINS.rglob("*.py"))


def is_test(file: Path) -> bool:
    return "tests" in file.parts or file.name == "conftest.py"


def faults(text: str, *, test: bool = False) -> Iterator[str]:
    """Yield what a module takes of repcat that is not public, with the line."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                found = [n.name for n in names if _deep(n.name, test)]
            case ast.ImportFrom(module=str(module), names=names, level=0) if _ours(module):
                known = _known(module, test)
                found = [f"{module}.{n.name}" for n in names if n.name not in known]
            case ast.Attribute(value=ast.Name(id="repcat"), attr=name):
                found = [] if name in _known("repcat", test) else [f"repcat.{name}"]
            case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module")):
                found = [w for w in _words(node) if _deep(w, test)]
            case _:
                continue
        yield from (f"line {node.lineno}: {name}" for name in found)


def _ours(module: str) -> bool:
    return module.split(".")[0] == "repcat"


def _deep(module: str, test: bool) -> bool:
    return _ours(module) and module != "repcat" and not (test and module == "repcat.testing")


def _known(module: str, test: bool) -> set[str]:
    if module == "repcat":
        return PUBLIC | ({"testing"} if test else set())
    return set(testing.__all__) if test and module == "repcat.testing" else set()


def _words(node: ast.AST) -> list[str]:
    return [n.value for n in ast.walk(node)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)]  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(PLUGINS)))
def test_it_imports_public_names_alone(file: Path) -> None:
    assert not list(faults(file.read_text(encoding="utf-8"), test=is_test(file)))


def test_every_distribution_is_walked() -> None:
    walked = {file.relative_to(PLUGINS).parts[0] for file in FILES}
    assert {p.parent.name for p in PLUGINS.glob("*/pyproject.toml")} <= walked
    assert {"repcat_plugins", "repcat-example"} <= walked


BAD = [
    "import repcat.registry.plugins",
    "from repcat.registry.plugins import load_parts",
    "from repcat import registry",
    "import repcat\nrepcat.training.session",
    "def f():\n    from repcat.registry.options import check",
    "from repcat.testing import check_backbone",
    "import importlib\nimportlib.import_module('repcat.runs.run')",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_not_public_is_found(text: str) -> None:
    assert len(list(faults(text))) == 1


def test_public_names_are_fine_and_tests_may_take_the_checks() -> None:
    assert not list(faults("import repcat\nfrom repcat import Grid\nrepcat.need_same_size"))
    assert not list(faults("from repcat.testing import check_backbone", test=True))
    assert not list(faults("from repcat_plugins.networks.frozen import held"))


def test_every_public_name_is_there_and_said_once() -> None:
    assert len(repcat.__all__) == len(set(repcat.__all__))
    assert all(getattr(repcat, name) is not None for name in repcat.__all__)
