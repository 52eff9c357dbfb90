"""`repcat new`: what it writes passes its own test, ruff and `repcat check` as it comes.

mypy --strict reads the templates themselves, which are modules of repcat.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from repcat.errors import PartError
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts
from repcat.registry.registry import KINDS
from repcat.scaffold import scaffold

Run = Callable[..., tuple[int, str, str]]
SINGULAR = [kind.removesuffix("s") for kind in KINDS]


def run(folder: Path, *words: str, path: Sequence[Path] = ()) -> subprocess.CompletedProcess[str]:
    """Run a module of this Python as a newcomer would, one thread; `path` is the folder itself."""
    where = os.pathsep.join(map(str, path or [folder]))
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": where}
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def install(folder: Path, name: str) -> None:
    """Leave what pip leaves, built from the distribution's own pyproject.toml."""
    import tomllib

    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    info = folder / f"repcat_{name}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [f"{k} = {v}" for k, v in project["entry-points"]["repcat"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[repcat]", *lines, ""]))


@pytest.mark.slow
def test_each_kind_passes_its_own_test_at_once(tmp_path: Path) -> None:
    """All of them in one process, which imports torch once."""
    folders = [write(f"first_{kind}", kind, tmp_path) for kind in SINGULAR]
    tests = [str(folder / "tests") for folder in folders]
    tested = run(tmp_path, "pytest", "-q", "-p", "no:cacheprovider", *tests, path=folders)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert f"{len(SINGULAR)} passed" in tested.stdout


def write(name: str, kind: str, below: Path) -> Path:
    """Write a distribution and leave what pip leaves; return its folder."""
    folder = scaffold.write(kind, name, below / name, load_parts())
    install(folder, name)
    return folder


def test_the_shell_checks_what_was_written_as_any_distribution(tmp_path: Path) -> None:
    folder = write("first_try", "backbone", tmp_path)
    checked = run(folder, "repcat", "check", "repcat-first-try")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "backbone first_try [repcat-first-try]" in checked.stdout
    assert " 0 broken" in checked.stdout


def test_what_it_writes_passes_ruff(tmp_path: Path) -> None:
    # short and long: a line that fits with one name may not with another
    for kind in SINGULAR:
        for name in (f"a_{kind[:3]}", f"one_rather_long_name_{kind}"[:30]):
            scaffold.write(kind, name, tmp_path / f"{kind}-{name}", Parts())
    # whose import is first-party hangs on where a distribution lies, so I is left to its author
    rules = [
        "--select",
        "E,F,W,B,UP,SIM,PTH,BLE,D,ANN,RUF,N,C90",
        "--ignore",
        "D103,D105,D107,N803,N806,N812",
    ]
    style = [
        "--isolated",
        "--line-length",
        "100",
        "--config",
        "lint.pydocstyle.convention='google'",
    ]
    for words in (["check", *rules, *style], ["format", "--check", *style]):
        done = run(tmp_path, "ruff", *words, str(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_writes_into_a_folder_of_its_name_and_says_what_next(repcat: Run) -> None:
    code, out, _ = repcat("new", "backbone", "my_net")
    assert code == 0
    assert "pip install -e repcat-my-net" in out
    written = {str(p.relative_to("repcat-my-net")) for p in Path().rglob("*") if p.is_file()}
    assert written == {"pyproject.toml", "README.md", "repcat_my_net.py", "tests/test_my_net.py"}


BAD = {
    ("backbone", "my-net"): "is no name in Python",
    ("backbone", "1net"): "is no name in Python",
    ("backbone", "../net"): "is no name in Python",
    ("backbone", "class"): "is no name in Python",
    ("backbone", "n" * 31): "is longer than 30 letters",
    ("backbone", "swin_unetr"): "is taken: a backbone of repcat has it",
    ("backbone", "plugins"): "a module repcat_plugins is installed",
    ("backbone", "nn"): "would hide something",
    ("backbone", "float"): "would hide something",
    ("network", "mine"): "there is no kind of part called 'network'",
    ("backbon", "mine"): "did you mean 'backbone'?",
}


@pytest.mark.parametrize(("kind", "name"), BAD)
def test_a_bad_name_is_one_line_and_nothing_is_written(kind: str, name: str, repcat: Run) -> None:
    code, _, err = repcat("new", kind, name)
    assert code == 2
    assert len(err.splitlines()) == 1
    assert BAD[kind, name] in err
    assert not list(Path().iterdir())


def test_a_folder_that_exists_is_left_alone(repcat: Run) -> None:
    Path("here").mkdir()
    Path("here/mine.txt").write_text("mine")
    code, _, err = repcat("new", "metric", "mine", "--out", "here")
    assert (code, "here exists; choose another with --out" in err) == (2, True)
    assert [p.name for p in Path("here").iterdir()] == ["mine.txt"]


def test_a_failure_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(kind: str, name: str) -> dict[str, str]:
        return {"one.txt": "1", "two.txt": None}  # type: ignore[dict-item]

    monkeypatch.setattr(scaffold, "texts", half)
    with pytest.raises(TypeError):
        scaffold.write("metric", "mine", tmp_path / "out", Parts())
    assert not list(tmp_path.iterdir())


def test_an_unknown_kind_is_a_part_error(tmp_path: Path) -> None:
    with pytest.raises(PartError):
        scaffold.write("s", "mine", tmp_path / "out", Parts())
