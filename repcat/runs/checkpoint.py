"""Checkpoints: one folder a step, safetensors and JSON, whole or not at all; no pickle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from repcat.errors import RunError
from repcat.io.atomic import atomic_folder
from repcat.io.checksums import file_hash, read_checksums
from repcat.io.tensors import save_table

STATE = "state.json"
# What predicts: the weights, and their average where there is one.
PREDICTING = ("average.safetensors", "model.safetensors")


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


def read_checkpoint(folder: Path) -> State:
    """Read a checkpoint's folder.

    Raises:
        RunError: when a file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        values = json.loads((folder / STATE).read_text("utf-8"))
        found = [p.stem for p in sorted(folder.glob("*.safetensors"))]
        files = values.pop("files", found)  # named, so that one taken away is missed
        int(values["step"])
        tensors = {name: load_file(folder / f"{name}.safetensors") for name in files}
    except (OSError, ValueError, LookupError, TypeError, AttributeError,
            SafetensorError) as error:  # fmt: skip
        why = f"{type(error).__name__}: {error}"
        msg = f"{folder} cannot be read ({why}); delete it to go back to the one before"
        raise RunError(msg, code="checkpoint-damaged") from None
    return State(tensors, values)


def weights_hash(folder: Path) -> str:
    """Return one SHA-256 over what a checkpoint predicts by: its weights, and their average.

    Taken from SHA256SUMS where it was written, so that nothing large is read.
    """
    known, digest = read_checksums(folder), hashlib.sha256()
    for name in PREDICTING:
        file = folder / name
        if name in known or file.is_file():
            digest.update(f"{known.get(name) or file_hash(file)}  {name}\n".encode())
    return digest.hexdigest()
