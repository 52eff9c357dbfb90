"""Source record: SOURCE.toml beside downloaded series, for citing and going on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from repcat.data.download.collections import Collection
from repcat.data.download.selection import RULE
from repcat.data.download.series import Series, gigabytes
from repcat.errors import DataError
from repcat.io.atomic import atomic_file
from repcat.io.small_text import parse_toml, read_small

NAME = "SOURCE.toml"
# A folder holds one selection: another order or index could give a patient a second series.
FIXED = ("collection", "seed", "index")


def source_table(
    collection: Collection, series: Sequence[Series], seed: int, index: str
) -> dict[str, Any]:
    """Return what SOURCE.toml says of series of one collection."""
    return {
        "name": collection.name,
        "collection": collection.id,
        "index": f"idc-index-data {index}",
        "seed": seed,
        "rule": RULE,
        "licence": licences(series),
        "cite": citations(series),
        "gigabytes": round(gigabytes(series), 3),
        "series": [
            {
                "patient": one.patient,
                "uid": one.uid,
                "source": f"s3://{one.bucket}/{one.prefix}",
                "instances": one.instances,
                "bytes": one.size,
            }
            for one in series
        ],
    }


def licences(series: Sequence[Series]) -> list[str]:
    """Return the licences, each once."""
    return sorted({one.licence for one in series})


def citations(series: Sequence[Series]) -> list[str]:
    """Return the addresses to cite, each once."""
    return sorted({f"https://doi.org/{one.doi}" for one in series})


def check_same_source(out: Path, table: dict[str, Any]) -> None:
    """Refuse a folder that holds another selection.

    Raises:
        DataError: naming what differs.
    """
    path = out / NAME
    if not path.exists():
        return
    try:
        there = parse_toml(read_small(path))
    except DataError as error:
        msg = f"{path} cannot be read ({error}); move it away, what is downloaded is kept"
        raise DataError(msg, code="file-damaged") from error
    for key in FIXED:
        held, asked = there.get(key), table[key]
        if held != asked:
            msg = f"{out} holds series of {key} {held}, not {asked}; choose another --out"
            raise DataError(msg, code="other-source")


def write_source(out: Path, table: dict[str, Any]) -> None:
    """Write SOURCE.toml."""
    import tomli_w

    with atomic_file(out / NAME) as part:
        part.write_text(f"# Written by `repcat fetch`.\n\n{tomli_w.dumps(table)}", "utf-8")
