"""Splits: train, validation and test by fractions or lists, always whole patients."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from repcat.contracts import SPLITS
from repcat.data.prepare.split_files import read_lists, read_table
from repcat.data.prepare.split_lists import Member, Split
from repcat.errors import RecipeError


@dataclass(frozen=True, slots=True)
class Fractions:
    """Shares of the patients for train, validation and test, drawn by a hash of seed and patient.

    From three patients on, every split with a share has one; with fewer, train comes first, then
    validation.
    """

    shares: tuple[float, float, float]
    seed: int = 0

    @property
    def text(self) -> str:
        """How it was asked for."""
        return ",".join(f"{s:g}" for s in self.shares)

    def assign(self, members: Sequence[Member]) -> dict[str, str]:
        """Sort patients by their hash and cut."""
        patients = sorted({m.patient for m in members}, key=self._order)
        counts = zip(SPLITS, self._counts(len(patients)), strict=True)
        names = [name for name, count in counts for _ in range(count)]
        place = dict(zip(patients, names, strict=True))
        return {m.id: place[m.patient] for m in members}

    @property
    def splits(self) -> list[str]:
        """The splits that have a share."""
        return [name for name, share in zip(SPLITS, self.shares, strict=True) if share]

    def absent(self, members: Sequence[Member]) -> list[str]:
        """Miss nobody: shares name no scan."""
        del members
        return []

    def _order(self, patient: str) -> str:
        return hashlib.sha256(f"{self.seed} {patient}".encode()).hexdigest()

    def _counts(self, total: int) -> list[int]:
        """Share out by largest remainder, then lift what is empty at the largest's cost."""
        exact = [s * total for s in self.shares]
        counts = [int(e + 1e-9) for e in exact]
        for k in sorted(range(3), key=lambda k: counts[k] - exact[k])[: total - sum(counts)]:
            counts[k] += 1
        for k in range(3):
            largest = counts.index(max(counts))
            if self.shares[k] and not counts[k] and counts[largest] > 1:
                counts[largest] -= 1
                counts[k] += 1
        return counts


def parse_split(text: str, seed: int = 0) -> Split:
    """Read '.8,.1,.1', 'train=FILE,test=FILE[,validation=FILE]' or FILE.csv with id, split."""
    if "=" in text:
        return read_lists(text)
    if text.endswith(".csv"):
        return read_table(Path(text))
    try:
        shares = tuple(float(part) for part in text.split(","))
    except ValueError:
        shares = ()
    if len(shares) != 3 or not (min(shares) >= 0 and abs(sum(shares) - 1) <= 1e-6):
        msg = (
            f"--split {text!r} is no split; give three shares for train, validation and test that "
            "sum to 1 (.8,.1,.1), lists (train=FILE,test=FILE) or FILE.csv with columns id, split"
        )
        raise RecipeError(msg, code="not-a-split")
    return Fractions((shares[0], shares[1], shares[2]), seed)


def empty_splits(split: Split, places: Collection[str], scans: int) -> list[str]:
    """Remark the splits that were asked for and have nobody; `places` are those of the scans."""
    empty = [name for name in split.splits if name not in places]
    if not empty:
        return []
    some = f"{scans} scan{'s' * (scans != 1)}"
    return [f"no {' and no '.join(empty)} patient came of {some} by --split {split.text}"]
