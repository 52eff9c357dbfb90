"""Output directory of `repcat prepare`: new, or gone on with if of the same making."""

from __future__ import annotations

import contextlib
from pathlib import Path

from repcat.data.prepare.settings import Settings
from repcat.data.store.dataset_dir import FORMAT, read_table, write_table
from repcat.errors import DataError
from repcat.io.atomic import sweep
from repcat.io.lock import LOCK
from repcat.io.writer import WRITER


def open_directory(out: Path, settings: Settings, ids: set[str]) -> bool:
    """Make the directory or check that it is of these settings and ids; is it new?"""
    fresh = not (out / "dataset.toml").exists()
    if fresh:
        if out.exists() and (not out.is_dir() or any(map(_is_strange, out.iterdir()))):
            msg = f"{out} is there and holds no dataset; choose a new directory for --out"
            raise DataError(msg, code="folder-taken")
    else:
        _check(out, settings, ids)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if fresh:
            write_table(out, {"format": FORMAT, "settings": settings.table()})
        for name in ("patients", "previews"):
            (out / name).mkdir(exist_ok=True)
        sweep(out)
    except OSError as error:
        msg = f"{out} cannot be made ({error.strerror}); choose another --out"
        raise DataError(msg, code="cannot-write") from error
    return fresh


def abandon(out: Path) -> None:
    """Take an empty dataset away again; one that holds a patient stays, to be gone on with."""
    if any((out / "patients").iterdir()):
        return
    for file in (out / "dataset.toml", *(out / "previews").iterdir()):
        file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        for folder in (out / "patients", out / "previews", out):
            folder.rmdir()


def _is_strange(file: Path) -> bool:
    """Whether a file is more than the very first one, cut by a kill, and the lock."""
    return file.name not in (LOCK, WRITER) and not file.name.startswith(".dataset.toml.")


def _check(out: Path, settings: Settings, ids: set[str]) -> None:
    stored = read_table(out).get("settings")
    there = settings.differences(stored if isinstance(stored, dict) else {})
    if there:
        msg = f"{out} was prepared otherwise: {'; '.join(there)}; choose another --out"
        raise DataError(msg, code="other-settings")
    strangers = {f.stem for f in (out / "patients").glob("[!.]*.safetensors")}
    strangers -= ids
    if strangers:
        msg = (
            f"{out} holds patients that these sources have not ({min(strangers)}, "
            f"{len(strangers)} in all); name all sources in one command, delete what "
            f"{out / 'patients'} holds of them, or choose another --out"
        )
        raise DataError(msg, code="other-patients")
