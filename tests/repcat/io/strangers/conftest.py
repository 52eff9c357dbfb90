"""Small files as a stranger may write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

HEADERS = {
    ".mhd": "ObjectType = Image\nNDims = 3\nDimSize = 4 4 4\nElementType = MET_SHORT\n"
    "ElementSpacing = 1 1 1\nElementDataFile = v.raw\n",
    ".nhdr": "NRRD0004\ntype: short\ndimension: 3\nsizes: 4 4 4\nencoding: raw\nendian: little\n"
    "spacings: 1 1 1\ndata file: v.raw\n",
}


@pytest.fixture
def write_header(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of scan.mhd or scan.nhdr beside v.raw, with other words put for some."""
    (tmp_path / "in").mkdir()
    hu = np.random.default_rng(0).integers(-1000, 1000, (4, 4, 4)).astype(np.int16)
    (tmp_path / "in" / "v.raw").write_bytes(hu.tobytes())
    (tmp_path / "out.raw").write_bytes(hu.tobytes())

    def write(ending: str, **words: str) -> Path:
        text = HEADERS[ending]
        for old, new in words.items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "in" / f"scan{ending}"
        path.write_text(text)
        return path

    return write
