"""Tensors: named tables of them in safetensors files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor


def save_table(
    table: Mapping[str, Tensor], file: Path, facts: Mapping[str, str] | None = None
) -> None:
    """Write a table of tensors, with facts in its header, as any other file would be written.

    safetensors wraps the system's errors in its own, and lets the owner alone read what it
    writes: both are undone here. Equal tables and facts give equal bytes.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        file.touch()
        mode = file.stat().st_mode
        save_file(_apart(table), file, dict(facts) if facts else None)
        _sort_facts(file)
        file.chmod(mode)
    except SafetensorError as error:
        code = re.search(r"os error (\d+)", str(error))
        if not code:
            raise
        raise OSError(int(code[1]), str(error)) from error


def _sort_facts(file: Path) -> None:
    """Put the facts of a header into order: safetensors hands them on in any."""
    with file.open("r+b") as part:
        size = int.from_bytes(part.read(8), "little")
        header = json.loads(part.read(size))
        if facts := header.get("__metadata__"):
            header["__metadata__"] = dict(sorted(facts.items()))
            text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
            part.seek(8)
            part.write(text.ljust(size))


def table_hash(table: Mapping[str, Tensor], text: str = "") -> str:
    """Return a hash over names, types, shapes and values, and over a text beside them."""
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(table.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _apart(table: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy what shares memory: a network may hold one layer under two names, as MONAI's DynUNet."""
    found: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in table.items():
        place = tensor.untyped_storage().data_ptr()
        whole = tensor.contiguous()
        found[name] = whole.clone() if place in seen else whole
        seen.add(place)
    return found
