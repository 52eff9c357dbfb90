"""Runs of a study that can be verified."""

from __future__ import annotations

from pathlib import Path

from repcat.errors import RunError
from repcat.runs.run import Run
from repcat.studies.rows import folder_of


def study_folder(what: Path) -> Path:
    """Return where `repcat compare` keeps a study's runs, unless a folder is given."""
    return Path("runs") / "studies" / what.stem if what.suffix == ".toml" else what


def scored_runs(folder: Path, row: str = "", seed: int | None = None) -> list[Path]:
    """Return the scored runs below a study's folder, those of a row or a seed alone if asked.

    Raises:
        RunError: where there is none.
    """
    rows = folder_of(row) if row else "*"
    found = sorted(folder.glob(f"{rows}/seed-{'*' if seed is None else seed}/recipe.toml"))
    scored = [file.parent for file in found if any(Run(file.parent).metrics.glob("*.csv"))]
    if not scored:
        there = sorted({file.parent.parent.name for file in folder.glob("*/seed-*/recipe.toml")})
        rows = f"; its rows are {', '.join(there)}" if there else ""
        msg = f"{folder} has no such scored run{rows}; `repcat compare STUDY --train` makes them"
        raise RunError(msg, code="nothing-scored")
    return scored
