"""Reading of a film from a file of any kind, in a child process."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import torch

from repcat.errors import DataError
from repcat.io.strangers.answer import Facts, nonsense
from repcat.io.strangers.apart import read_apart
from repcat.radiographs.radiograph import Film

# A caret is DICOM's between family and given name; eight digits may be a date of birth.
IDENTITY = re.compile(r"\^|(?<!\d)(19|20)\d\d[-_]?[01]\d[-_]?[0-3]\d(?!\d)")


def read_film(path: Path | str, *, large: bool = False) -> Film:
    """Read a radiograph: DICOM, PNG, JPEG, TIFF, BMP, NIfTI, MHA, NRRD or .npy.

    `large` lets in files that unpack to a suspicious lot.

    Raises:
        DataError: when it is none, with the file's name in front.
    """
    path = Path(path)
    name = "".join(c if c.isprintable() else "?" for c in path.name)
    try:
        _check_no_folder(path)
        facts = read_apart("repcat.radiographs.film_files:read", path, large=large)
        film = _film(facts, path.name)
    except DataError as error:
        msg = f"{name[:100]}: {error}"
        raise DataError(msg, code=error.code) from None
    if facts.text("named"):
        text = "the file's name holds the patient's name or number"
    elif IDENTITY.search(path.name):
        text = "the file's name may identify the patient"
    else:
        return film
    return film.caution("name", f"{text}, and case.json keeps it: rename it")


def _check_no_folder(path: Path) -> None:
    if os.path.isdir(path):  # noqa: PTH112  (Path's raises where a name is too long)
        msg = "a folder: name one file for each X-ray"
        raise DataError(msg, code="a-folder")


def _film(facts: Facts, name: str) -> Film:
    """Take a film from a reading child."""
    pixels, pitch, axes = facts.array(2), facts.numbers("mm"), facts.texts("axes")
    if pixels.dtype != np.float32 or len(pitch) not in (0, 2) or len(axes) not in (0, 2):
        raise nonsense()
    return Film(
        torch.from_numpy(pixels),
        name=name,
        sha256=facts.text("sha256"),
        mm=(pitch[0], pitch[1]) if pitch else None,
        grey=facts.text("grey") or None,
        view=facts.text("view") or None,
        axes=(axes[0], axes[1]) if axes else None,
        steps=facts.texts("steps"),
        at_film=bool(facts.text("at_film")),
    )
