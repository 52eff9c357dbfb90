"""Settings of `repcat prepare`, in one frozen value."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, fields
from typing import Any

from repcat.config.default_projector import DEFAULT_PROJECTOR
from repcat.data.store.dataset_dir import FORMAT
from repcat.errors import RecipeError
from repcat.geometry import Geometry, preset
from repcat.view import MOST_VIEWS, View

EIGHT_VIEWS = tuple(View(45.0 * k) for k in range(8))
# What may differ between two runs into one directory: it changes no file that is kept.
FREE = ("any_anatomy",)

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Settings:
    """How volumes and X-rays are made.

    `size` voxels per side of a cube of `cube_mm`; `clip` bounds the stored HU (None: keep all);
    `mu_water` 1/mm and `air_hu` turn HU into attenuation; `drr_window` bounds HU before that;
    `bits` 8 rounds each X-ray like an 8-bit file divided by its own maximum. `place` is 'centre' or
    'top', `ids` 'hash', 'stem' or 'number'. `any_anatomy` keeps scans without lungs. `film` is the
    seed by which X-rays are made films (`repcat.data.film`), None leaves them as they are.
    """

    size: int = 128
    views: tuple[View, ...] = EIGHT_VIEWS
    cube_mm: float = 400.0
    geometry: str = "default"
    projector: str = DEFAULT_PROJECTOR
    clip: Range | None = (-1000.0, 1000.0)
    mu_water: float = 0.022
    air_hu: float = -800.0
    drr_window: Range | None = None
    bits: int = 0
    place: str = "centre"
    remove_table: bool = False
    ids: str = "hash"
    any_anatomy: bool = False
    film: int | None = None

    def __post_init__(self) -> None:
        problems = [text for wrong, text in self._rules() if wrong]
        if problems:
            msg = "these settings cannot be used: " + "; ".join(problems)
            raise RecipeError(msg, code="wrong-settings")
        self.scene()

    def scene(self) -> Geometry:
        """Return source, cube and detector."""
        return preset(self.geometry, size=self.size, cube_mm=self.cube_mm)

    def table(self) -> dict[str, Any]:
        """Return every setting as TOML and JSON can hold it; a range that is off is empty.

        Without films their seed is left out, as before there were any.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        if self.film is None:
            del values["film"]
        values["views"] = [str(v) for v in self.views]
        return {k: [] if v is None else list(v) if isinstance(v, tuple) else v
                for k, v in values.items()}  # fmt: skip

    def key(self) -> str:
        """Return a hash that differs when the files would."""
        table = {k: v for k, v in self.table().items() if k not in FREE}
        table["views"] = [tuple(v.to_dict().values()) for v in self.views]
        text = json.dumps([FORMAT, table], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def differences(self, table: dict[str, Any]) -> list[str]:
        """Name what a stored table has otherwise: 'size is 64 there and 128 here'."""
        mine = self.table()
        names = dict.fromkeys((*mine, *(name for name in ("film",) if name in table)))
        return [
            f"{name} is {_text(table.get(name))} there and {_text(mine.get(name))} here"
            for name in names
            if name not in FREE and table.get(name) != mine.get(name)
        ]

    def _rules(self) -> list[tuple[bool, str]]:
        angles = [(v.azimuth, v.tilt) for v in self.views]
        ranges = [r for r in (self.clip, self.drr_window) if r]
        numbers = [self.mu_water, self.air_hu, *(n for r in ranges for n in r)]
        low, high = self.clip or (0, 0)
        return [
            (not 8 <= self.size <= 1024, f"--size {self.size} is not from 8 to 1024"),
            (not 1 <= len(angles) <= MOST_VIEWS,
             f"{len(angles)} views, and 1 to {MOST_VIEWS} are possible"),
            (len(set(angles)) < len(angles),
             f"two views have the same angle in {', '.join(map(str, self.views))}"),
            (not 0 < self.cube_mm < 1082,
             f"--cube {self.cube_mm:g} mm is not between 0 and 1082, where the X-ray source is"),
            (any(low >= high for low, high in ranges), "a range must grow, like -1000,1000"),
            (not all(map(math.isfinite, numbers)), "nan and inf are no HU and no attenuation"),
            (low < -32768 or high > 32767, f"--clip {low:g},{high:g} is more than 16 bits hold"),
            (self.mu_water <= 0, f"--mu-water {self.mu_water:g} per mm is not above 0"),
            (self.bits not in (0, 8), f"--bits {self.bits} is neither 0 nor 8"),
            (self.place not in ("centre", "top"), f"--place {self.place} is no centre or top"),
            (self.ids not in ("hash", "stem", "number"),
             f"--ids {self.ids} is none of hash, stem, number"),
        ]  # fmt: skip


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(f"{v:g}" if isinstance(v, float) else str(v) for v in value) or "off"
    return "missing" if value is None else str(value)
