"""`make mutants`: small changes of the code that must fail a test, counted by module."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests.campaigns.figures import write_figures

ROOT = Path(__file__).parents[2]
COPY = ROOT / "mutants"
KILLED, ALIVE = ("killed", "timeout", "segfault", "suspicious"), ("survived", "no tests")


def main() -> int:
    """Run mutmut with the settings of pyproject.toml; exit code 1 below the floor."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--jobs", type=int, default=2)
    asked.add_argument("--floor", type=float, default=85.0, help="per cent killed, each module")
    options = asked.parse_args()
    copy_tree()
    words = ["mutmut", "run", "--max-children", str(options.jobs)]
    subprocess.run([sys.executable, "-m", *words], cwd=COPY, check=True)
    rows = [_row(module, found) for module, found in sorted(count(COPY / "mutants").items())]
    write_figures("mutants", ("module", "mutants", "killed", "per cent"), rows)
    return int(any(float(row[-1]) < options.floor for row in rows))


def copy_tree() -> None:
    """Copy what mutmut needs, the first-party plugins to src/, where alone it tests packages."""
    shutil.rmtree(COPY, ignore_errors=True)
    ours = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")}
    COPY.mkdir()
    for name in ours - {COPY.name, "shared", "runs", "data", "site", "dist"}:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, COPY / name)
    shutil.copytree(ROOT / "plugins" / "repcat_plugins", COPY / "src" / "repcat_plugins")


def count(folder: Path) -> dict[str, Counter[str]]:
    """Return what became of the mutants of each module, by mutmut's own words."""
    from mutmut.stats import status_by_exit_code

    found: dict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(folder.rglob("*.py.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        name = path.relative_to(folder).as_posix().removesuffix(".meta").removeprefix("src/")
        if codes:
            found[name].update(status_by_exit_code[code] for code in codes.values())
    return found


def _row(name: str, found: Counter[str]) -> tuple[str, int, int, str]:
    killed, alive = (sum(found[word] for word in words) for words in (KILLED, ALIVE))
    share = 100 * killed / max(1, killed + alive)
    return name, killed + alive, killed, f"{share:.1f}"


if __name__ == "__main__":
    sys.exit(main())
