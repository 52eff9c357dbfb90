"""Calibration: by how much a run's quantiles are widened, and on whom that was found."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from repcat.errors import RunError
from repcat.io.json_record import read_json_record, write_json_record
from repcat.io.notice import SYNTHETIC
from repcat.version import __version__

FILE = "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What `repcat calibrate` found, beside the run that it is of.

    `alpha` is the mean share of a patient's voxels that may be missed, `delta` with which chance
    that may fail by `bound`, `where` of which voxels: those of the body, or all. `count` is that of
    the patients, whose ids an exported model leaves out. `weights` is the hash of what
    predicted (`weights_hash`), at `step`. `factors` has an entry for each number of views: `views`,
    `factor`, `missed` (the mean share), `bound` (what the risk lies below), and `figures`: how far
    below and above each organ figure the truth lies, null where the patients were too few.
    `digest` is a hash of all the rest.
    """

    dataset: str
    fingerprint: str
    split: str
    count: int
    patients: list[str]
    where: str
    bound: str
    alpha: float
    delta: float
    quantiles: list[float]
    step: int
    weights: str
    factors: list[dict[str, Any]]
    note: str = SYNTHETIC
    repcat: str = __version__
    digest: str = ""

    @classmethod
    def read(cls, folder: Path) -> Calibration | None:
        """Read the calibration of a run or an exported model; None where there is none.

        Raises:
            RunError: where it is not what was written.
        """
        file = folder / FILE
        if not file.exists():
            return None
        found = read_json_record(cls, file)
        if found is None or found.digest != found._hash() or not found._is_sound():
            msg = f"{file} is not what `repcat calibrate` wrote; calibrate again, or delete it"
            raise RunError(msg, code="calibration-damaged")
        return found

    def write(self, folder: Path) -> Path:
        """Write it beside a run; whole or not at all."""
        write_json_record(folder / FILE, replace(self, digest=self._hash()))
        return folder / FILE

    def entry(self, views: int) -> Mapping[str, Any] | None:
        """Return what was found for a number of views; None where it was not calibrated."""
        return next((e for e in self.factors if e["views"] == views), None)

    @property
    def promise(self) -> str:
        """What the intervals promise, in one line."""
        inside = "body" if self.where == "body" else "volume"
        return (
            f"at least {1 - self.alpha:.0%} of the {inside}'s voxels of a patient, on average, at "
            f"confidence {1 - self.delta:.0%}; calibrated on {self.count} patients of "
            f"{self.dataset}, split {self.split}"
        )

    def _hash(self) -> str:
        values = {k: v for k, v in asdict(self).items() if k != "digest"}
        text = json.dumps(values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _is_sound(self) -> bool:
        """Whether the entries are what the rest relies on."""
        return all(
            isinstance(entry, dict)
            and type(entry.get("views")) is int
            and _is_width(entry.get("factor"))
            and isinstance(entry.get("figures"), dict)
            and all(sides is None or _are_sides(sides) for sides in entry["figures"].values())
            for entry in self.factors
        )


def _is_width(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0


def _are_sides(value: object) -> bool:
    pair = value if isinstance(value, list) and len(value) == 2 else [None]
    return all(isinstance(one, int | float) and math.isfinite(one) for one in pair)
