"""JSON records: a dataclass of plain values as a file, whole or not there."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_origin, get_type_hints

from repcat.io.atomic import atomic_file
from repcat.io.json_object import parse_object

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def write_json_record(path: Path, record: DataclassInstance) -> None:
    """Write a record; equal records give equal bytes."""
    with atomic_file(path) as part:
        part.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")


def read_json_record(kind: type[T], path: Path) -> T | None:
    """Read a record; None where there is none, or it is no such record.

    Unknown keys are let be, and one with a default may be missing: an older record has it not.
    """
    try:
        table = parse_object(path.read_bytes())
        values = {f.name: table[f.name] for f in fields(kind) if f.name in table or _is_due(f)}
    except (OSError, ValueError, LookupError):
        return None
    types = get_type_hints(kind)
    fits = all(isinstance(v, get_origin(types[k]) or types[k]) for k, v in values.items())
    return kind(**values) if fits else None


def _is_due(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
