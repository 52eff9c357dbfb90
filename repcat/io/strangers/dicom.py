"""DICOM: how deep sequences nest, seen before GDCM, which calls itself for each; packed or not."""

from __future__ import annotations

import re
from pathlib import Path

from repcat.errors import DataError

DEEPEST = 64  # sequences in sequences; structured reports come to a dozen
# An item of undefined length begins; an item ends (PS3.5 7.5), little and big endian.
ITEM = re.compile(
    rb"\xfe\xff\x00\xe0\xff{4}|\xff\xfe\xe0\x00\xff{4}|(\xfe\xff\x0d\xe0|\xff\xfe\xe0\x0d)"
)
PIXELS = re.compile(rb"\xe0\x7f\x10\x00(?:O[BW]\0\0|....)", re.DOTALL)
SYNTAX = re.compile(rb"\x02\0\x10\0UI..([0-9.]+)", re.DOTALL)  # (0002,0010) transfer syntax
UNPACKED = {b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.2"}
PIECE = 1 << 20


def check_depth(path: Path) -> None:
    """Raise DataError where sequences nest deeper than any scan's; pixels are not looked at."""
    depth = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            pixels = PIXELS.search(piece)
            for found in ITEM.finditer(piece, 0, pixels.start() if pixels else len(piece)):
                depth += -1 if found[1] else 1
                if depth > DEEPEST:
                    msg = (
                        f"its sequences are nested more than {DEEPEST} deep, which no scan's are: "
                        "damaged or hostile; leave it out"
                    )
                    raise DataError(msg, code="nested-too-deep")
            if pixels:
                return


def is_packed(path: Path) -> bool:
    """Whether the pixels are compressed; so they are where the file does not say."""
    with path.open("rb") as file:
        found = SYNTAX.search(file.read(4096))
    return not found or found[1] not in UNPACKED
