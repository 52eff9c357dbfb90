"""Patient id: what may stand in the name of a file, on every system."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from repcat.errors import DataError, shown

LONGEST = 100  # letters before a number that tells scans apart: file systems take 255
# No path, no hidden file, no dot that Windows drops from the end.
_ID = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,100}(-[0-9]{1,6})?(?<!\.)")
# Windows opens a device under these names, whatever ending they have.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
RULE = (
    f"letters, digits, '.', '_' and '-', at most {LONGEST}, no dot at an end, no name of a device"
)


def is_id(text: object) -> bool:
    """Whether a patient's files may be named so."""
    return isinstance(text, str) and bool(_ID.fullmatch(text)) and not _DEVICE.fullmatch(text)


def check_ids(by_split: Mapping[str, Iterable[str]], where: str) -> None:
    """Raise DataError where an id cannot name files or stands for two patients.

    A and a are one: some file systems hold them to be.
    """
    seen: dict[str, str] = {}
    for split, ids in by_split.items():
        for one in ids:
            if not is_id(one):
                msg = f"{where}: the id {shown(one)} cannot name a patient's files; use {RULE}"
                raise DataError(msg, code="unsafe-id")
            before = seen.get(one.lower())
            if before:
                places = f"in {before} and in {split}" if before != split else f"twice in {split}"
                msg = f"{where}: patient {one} is {places}; an id is one patient's, in one split"
                raise DataError(msg, code="patient-twice")
            seen[one.lower()] = split
