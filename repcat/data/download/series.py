"""One DICOM series of the Imaging Data Commons, as its index describes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """A CT series, a row of the index: empty texts where that is silent, its size in bytes."""

    collection: str
    patient: str
    uid: str
    kind: str
    body_part: str
    study_text: str
    text: str
    instances: int
    size: int
    licence: str
    doi: str
    bucket: str
    prefix: str
    analysis: str = ""

    @property
    def folder(self) -> str:
        """Return where it goes below the folder of its collection: <patient>/<series UID>.

        What some file systems refuse or hide becomes '_' (three IDs of the index have any).
        """
        return f"{re.sub(r'[^A-Za-z0-9._-]|^[.]', '_', self.patient)}/{self.uid}"


def gigabytes(series: Sequence[Series]) -> float:
    """Return what series weigh together, in GB of 10^9 bytes."""
    return sum(one.size for one in series) / 1e9
