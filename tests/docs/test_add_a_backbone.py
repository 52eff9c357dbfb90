"""docs/add-a-backbone.md, literally: its files are written, its commands run, its output compared.

Only the amount of training is less than on the page, and figures are compared as figures: `#`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from repcat.commands import console
from repcat.registry.plugins import load_parts

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "add-a-backbone.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "plugins" / "repcat-example"
FILE = re.compile(r"^`([\w./-]+)` [^\n]*\n(?:[^\n`][^\n]*\n)*\n```\w+\n(.*?)^```", re.M | re.S)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.M | re.S)
LESS = {"train = 32": "train = 4", "test = 8": "test = 2", "steps = 200": "steps = 4"}
FILES = dict(FILE.findall(PAGE))


def commands() -> list[tuple[str, list[str]]]:
    """Return each command with the lines that it prints."""
    found: list[tuple[str, list[str]]] = []
    for block in CONSOLE.findall(PAGE):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def told(line: str) -> str:
    """Make figures and gaps alike, and a row of figures one."""
    line = " ".join(re.sub(r"[-+]?\d+(\.\d+)?", "#", line).split())
    return re.sub(r"#( #)+", "#", line)


def test_the_page_shows_the_example_as_it_is_shipped() -> None:
    inside = {name: text for name, text in FILES.items() if name.startswith("repcat-example/")}
    assert len(inside) == 3
    for name, text in inside.items():
        assert (EXAMPLE.parent / name).read_text(encoding="utf-8") == text


def test_the_page_covers_what_it_promises() -> None:
    run = [command.split()[1] for command, _ in commands() if command.startswith("repcat")]
    assert run[:2] == ["parts", "check"]
    assert {"train", "predict", "evaluate", "compare"} <= set(run)


@pytest.fixture
def repcat_of_the_page(
    repcat: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Write the files of the page, install its distribution, and return the command line."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_less(text) if path.suffix == ".toml" else text, encoding="utf-8")
    try:
        version("repcat-example")  # by `make`, in editable mode: the same files
    except PackageNotFoundError:
        _install(tmp_path / "repcat-example")
        monkeypatch.syspath_prepend(str(tmp_path / "repcat-example"))
    monkeypatch.setattr(console.out, "width", 100)
    load_parts.cache_clear()
    yield repcat
    load_parts.cache_clear()


def _less(recipe: str) -> str:
    for more, less in LESS.items():
        recipe = re.sub(rf"^{more}$", less, recipe, flags=re.MULTILINE)
    return recipe


def _install(folder: Path) -> None:
    """Leave what `pip install -e` leaves."""
    info = folder / "repcat_example-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: repcat-example\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[repcat]\nexample = repcat_example\n")


@pytest.mark.slow
def test_its_commands_print_what_it_shows(repcat_of_the_page: Run) -> None:
    for command, shown in commands():
        program, *words = shlex.split(command)
        if program == "pip":
            continue
        code, out, err = repcat_of_the_page(*words)
        failed = bool(shown) and shown[0].startswith("error: ")
        assert code == (2 if failed else 0), (command, err)
        printed = [told(line) for line in (out + err).splitlines()]
        for line in shown:
            wanted, cut = told(line.removesuffix("...")), line.endswith("...")
            assert any(p == wanted or (cut and p.startswith(wanted)) for p in printed), (
                command, line, printed,
            )  # fmt: skip
