"""MetaImage (MHA, MHD): its header read by strict rules before MetaIO does, which crashes."""

from __future__ import annotations

import math
import re
from pathlib import Path

from repcat.errors import DataError
from repcat.io.strangers.data_file import data_file
from repcat.io.strangers.text_header import CUT, Claim, first_bytes, positive, refuse

BYTES = {"CHAR": 1, "SHORT": 2, "INT": 4, "LONG": 8, "FLOAT": 4, "DOUBLE": 8, "LONG_LONG": 8}
LAST = "ElementDataFile"


def read_claim(path: Path) -> Claim:
    """Read what a MetaImage's header claims; DataError where no sound file says so."""
    fields = _fields(first_bytes(path))
    axes = positive([fields.get("ndims", "")], "NDims")[0]
    sides = positive(fields.get("dimsize", "").split(), "DimSize")
    if axes > 4 or len(sides) != axes:
        refuse("NDims and DimSize")
    channels = positive([fields.get("elementnumberofchannels", "1")], "ElementNumberOfChannels")[0]
    kind = fields.get("elementtype", "").upper().removeprefix("MET_").removesuffix("_ARRAY")
    width = BYTES.get(kind, BYTES.get(kind.removeprefix("U")))
    if width is None:
        refuse("ElementType")
    name = fields[LAST]
    local = name.upper() == "LOCAL"
    return Claim(
        bytes=math.prod(sides) * channels * width,
        packed=fields.get("compresseddata", "").lower().startswith(("t", "1")),
        data=path if local else data_file(path, name),
    )


def _fields(head: bytes) -> dict[str, str]:
    """Read fields up to the one that names the data; MetaIO takes = and : for a separator."""
    fields: dict[str, str] = {}
    for line in re.split(rb"[\r\n]+", head):
        text = line.decode("utf-8", "surrogateescape")
        name, value = (part.strip() for part in (*re.split("[=:]", text, maxsplit=1), "")[:2])
        if name == LAST and LAST not in value:
            return fields | {LAST: value}
        if LAST.lower() in text.lower():
            break
        if name.lower() in fields and name not in ("", "Comment"):
            refuse(name)
        fields[name.lower()] = value
    raise DataError(CUT, code="file-damaged")
