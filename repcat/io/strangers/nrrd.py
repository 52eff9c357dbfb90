"""NRRD (and NHDR): its header read by strict rules before ITK does."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

from repcat.errors import DataError
from repcat.io.strangers.data_file import data_file
from repcat.io.strangers.text_header import CUT, Claim, first_bytes, positive, refuse

WIDTHS = {
    1: "signed char, int8, int8_t, uchar, unsigned char, uint8, uint8_t",
    2: "short, short int, signed short, signed short int, int16, int16_t, ushort, unsigned short, "
    "unsigned short int, uint16, uint16_t",
    4: "int, signed int, int32, int32_t, uint, unsigned int, uint32, uint32_t, float",
    8: "longlong, long long, long long int, signed long long, signed long long int, int64, "
    "int64_t, ulonglong, unsigned long long, unsigned long long int, uint64, uint64_t, double",
}
BYTES = {name: width for width, names in WIDTHS.items() for name in names.split(", ")}


def read_claim(path: Path) -> Claim:
    """Read what an NRRD header claims; DataError where no sound file says so."""
    fields = _fields(first_bytes(path))
    sides = positive(fields.get("sizes", "").split(), "sizes")
    axes = positive([fields.get("dimension", "")], "dimension")[0]
    if axes > 5 or len(sides) != axes:
        refuse("dimension")
    width = BYTES.get(fields.get("type", "").lower())
    if width is None:
        refuse("type")
    name = fields.get("datafile")
    return Claim(
        bytes=math.prod(sides) * width,
        packed=fields.get("encoding", "").lower() != "raw",
        data=path if name is None else data_file(path, name),
    )


def _fields(head: bytes) -> dict[str, str]:
    """Read fields up to the empty line; ITK's reader takes them in any case, some with a space."""
    text = head.decode("utf-8", "surrogateescape")
    first, *lines = re.split(r"\r\n|\n|\r", text)
    if not first.startswith("NRRD000"):
        raise DataError(CUT, code="file-damaged")
    fields: dict[str, str] = {}
    for line in itertools.takewhile(bool, lines):
        key, colon, value = line.partition(":")
        name = "".join(key.lower().split())
        if not colon or value.startswith("=") or name.startswith("#"):
            continue
        if name in fields:
            refuse(name)
        fields[name] = value.strip()
    return fields
