"""Checkpoints: one folder a step, safetensors, JSON, checksums; whole or not at all; no pickle."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from repcat.errors import DataError, RunError
from repcat.io.atomic import atomic_folder
from repcat.io.checksums import damaged_files, file_hash, read_checksums, write_checksums
from repcat.io.json_object import parse_object
from repcat.io.tensors import save_table

STATE, CURE = "state.json", "delete it to go back to the one before"
# The tables that predict: the weights, and their average where there is one.
PREDICTING = ("average", "model")


@dataclass(slots=True)
class State:
    """What a checkpoint holds: named tables of tensors, and values that JSON can hold."""

    tensors: dict[str, dict[str, Tensor]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


def write_checkpoint(folder: Path, state: State) -> None:
    """Write a checkpoint's folder."""
    with atomic_folder(folder) as part:
        for name, table in state.tensors.items():
            save_table(table, part / f"{name}.safetensors")
        text = json.dumps({**state.values, "files": sorted(state.tensors)}, indent=2)
        (part / STATE).write_text(text + "\n", encoding="utf-8")
        write_checksums(part)


def read_checkpoint(folder: Path, tables: Iterable[str] = ()) -> State:
    """Read a checkpoint's folder, of its tables only some where they are named.

    What is read is what was written, by its checksums; a checkpoint of before 0.2 has none.

    Raises:
        RunError: when a file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    values = read_values(folder)
    names = values.pop("files")
    wanted = [name for name in names if name in tables] if tables else names
    check_intact(folder, [f"{name}.safetensors" for name in wanted])
    try:
        tensors = {name: load_file(folder / f"{name}.safetensors") for name in wanted}
    except (OSError, SafetensorError) as error:
        raise damaged(folder, f"{type(error).__name__}: {error}") from None
    return State(tensors, values)


def read_last(folders: Sequence[Path], tables: Iterable[str] = ()) -> State:
    """Read the last whole checkpoint of those given; a damaged one after it is told on stderr.

    Raises:
        RunError: when none is whole.
    """
    told: list[str] = []
    for folder in reversed(folders):
        try:
            state = read_checkpoint(folder, tables)
        except RunError as error:
            told.append(str(error).removesuffix(CURE))
            continue
        for why in told:
            print(f"warning: {why}{folder.name} is taken in its place", file=sys.stderr)
        return state
    msg = f"{told[0]}there is no whole one before it: train it again"
    raise RunError(msg, code="checkpoint-damaged")


def read_values(folder: Path) -> dict[str, Any]:
    """Read what a checkpoint says beside its tensors, and the names of their tables, `files`.

    Raises:
        RunError: when it is missing or damaged.
    """
    check_intact(folder, [STATE])
    found = sorted(p.stem for p in folder.glob("*.safetensors"))
    try:
        values = parse_object((folder / STATE).read_bytes())
        files = values.setdefault("files", found)  # named, so that one taken away is missed
        counts = (values["step"], values.get("drawn", 0), *values.get("turns", {}).values())
        gone = [name for name in files if name not in found]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise damaged(folder, f"{STATE}: {type(error).__name__}: {error}") from None
    if gone:
        raise damaged(folder, f"{gone[0]}.safetensors is gone")
    if not all(type(count) is int and count >= 0 for count in counts):
        raise damaged(folder, f"{STATE} counts {counts}")
    return values


def check_intact(folder: Path, names: Iterable[str]) -> None:
    """Raise RunError where a file of a checkpoint is not what was written."""
    try:
        found = damaged_files(folder, names)
    except DataError as error:
        raise damaged(folder, str(error)) from None
    if found:
        raise damaged(folder, f"{found[0]} is not what was written, by its SHA-256")


def damaged(folder: Path, why: str) -> RunError:
    """Return what tells that a checkpoint cannot be used."""
    msg = f"{folder} is damaged ({why}); {CURE}"
    return RunError(msg, code="checkpoint-damaged")


def weights_hash(folder: Path) -> str:
    """Return one SHA-256 over what a checkpoint predicts by: its weights, and their average.

    Taken from SHA256SUMS where it was written, so that nothing large is read.
    """
    known, digest = read_checksums(folder), hashlib.sha256()
    for name in (f"{table}.safetensors" for table in PREDICTING):
        file = folder / name
        if name in known or file.is_file():
            digest.update(f"{known.get(name) or file_hash(file)}  {name}\n".encode())
    return digest.hexdigest()
