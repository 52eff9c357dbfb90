"""Small text files, which a stranger may have written: a recipe, a study; read within bounds."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from repcat.errors import DataError

MOST_BYTES = 1_000_000
DEEPEST = 32  # tables in tables; what repcat ships has 4
INT64 = range(-(2**63), 2**63)  # what TOML promises
# A string or a comment of TOML, in which dots and brackets mean nothing.
_SAID = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)


def read_small(path: Path, most: int = MOST_BYTES) -> str:
    """Read a text file of at most `most` bytes.

    Raises:
        DataError: saying why not, for a caller who knows what the file is and where.
    """
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            msg = "it is no file"
            raise DataError(msg, code="not-a-file")
        with path.open("rb") as file:
            found = file.read(most + 1)
        if len(found) > most:
            msg = f"it has more than {most:,} bytes, which nothing of its kind needs"
            raise DataError(msg, code="file-too-large")
        return found.decode("utf-8")
    except UnicodeDecodeError:
        msg = "it is not text"
        raise DataError(msg, code="not-text") from None
    except (OSError, RuntimeError, ValueError) as error:  # loops of links, NUL in a name
        why = getattr(error, "strerror", None) or str(error)
        raise DataError(why, code="file-unreadable") from None


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML that nests at most 32 deep and whose whole numbers have 64 bits.

    Raises:
        DataError: saying what is wrong.
    """
    # Before tomllib, whose memory grows with the square of a dotted key's length.
    for piece in re.split(r"[=,\[\]{}\n]", _SAID.sub("", text)):
        if piece.count(".") >= DEEPEST:
            _too_deep()
    try:
        found = tomllib.loads(text)
    except RecursionError:
        _too_deep()
    except tomllib.TOMLDecodeError as error:
        raise DataError(str(error), code="not-toml") from None
    except ValueError:  # Python's own limit of digits
        _too_large()
    _check(found)
    return found


def _check(table: dict[str, Any]) -> None:
    level: list[Any] = [table]
    for _ in range(DEEPEST):
        if any(isinstance(v, int) and v not in INT64 for v in level):
            _too_large()
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    _too_deep()


def _inside(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_deep() -> NoReturn:
    msg = f"it nests tables more than {DEEPEST} deep"
    raise DataError(msg, code="nested-too-deep")


def _too_large() -> NoReturn:
    msg = "it has a whole number of more than 64 bits"
    raise DataError(msg, code="number-too-large")
