"""Split lists: names of scans, the split each belongs to, and what they miss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from repcat.contracts import SPLITS
from repcat.data.prepare.patient_ids import parts_of
from repcat.errors import DataError, shown

# Names that no scan has: so few may be typos, and so near (difflib's ratio) is one.
TYPOS, ALIKE = 10, 0.8


@dataclass(frozen=True, slots=True)
class Member:
    """A scan that a split places: its id, its label below the SOURCE, whose it is."""

    id: str
    label: str
    patient: str


class Split(Protocol):
    """A rule that places scans."""

    @property
    def text(self) -> str:
        """How it was asked for."""
        ...

    def assign(self, members: Sequence[Member]) -> dict[str, str]:
        """Return the split of each id; an id that is not in it belongs nowhere."""
        ...

    @property
    def splits(self) -> list[str]:
        """The splits that are to have patients."""
        ...

    def absent(self, members: Sequence[Member]) -> list[str]:
        """Return remarks about names that match no scan.

        Raises:
            DataError: where such a name is probably a typo.
        """
        ...


@dataclass(frozen=True, slots=True)
class Lists:
    """Names and the split each belongs to, as files list them.

    A name is a scan's id, or the end of its path with or without its format's ending; every scan
    of a patient goes where one of them is listed.
    """

    text: str
    entries: Mapping[str, str]
    names: tuple[str, ...]

    def assign(self, members: Sequence[Member]) -> dict[str, str]:
        """Look scans up; a patient in two splits or a name for two patients is refused."""
        owners = _owners(members)
        places: dict[str, dict[str, str]] = defaultdict(dict)
        for member in members:
            for name in (member.id, *tails(member.label)):
                if name in self.entries and len(owners[name]) <= 1:
                    places[member.patient].setdefault(self.entries[name], name)
                    break
        for found in places.values():
            if len(found) > 1:
                raise DataError(in_two(found, self.text), code="split-lists-disagree")
        split_of = {patient: next(iter(found)) for patient, found in places.items()}
        return {m.id: split_of[m.patient] for m in members if m.patient in split_of}

    @property
    def splits(self) -> list[str]:
        """The splits that are listed."""
        return sorted(set(self.entries.values()), key=SPLITS.index)

    def absent(self, members: Sequence[Member]) -> list[str]:
        """Count the names that match no scan.

        A list of a large collection may name many that were not downloaded. A few, of which one is
        nearly the name of a scan that no list has, are refused as a typo.
        """
        owners = _owners(members)
        known = {m.id for m in members} | {n for n, who in owners.items() if len(who) == 1}
        absent = [name for name in self.names if known.isdisjoint(tails(name))]
        if not absent:
            return []
        placed = self.assign(members)
        free = {m.id: m for m in members if m.id not in placed}
        spare = {n for m in free.values() for n in (m.id, *tails(m.label))}
        for name in absent if len(absent) <= TYPOS else ():
            if near := get_close_matches(name, spare, 1, ALIKE):
                msg = (
                    f"--split {self.text}: {shown(name)} names no scan; did you mean {near[0]!r}, "
                    "which is in no list? Correct it or take the line out"
                )
                raise DataError(msg, code="split-names-no-scan")
        count = f"{len(absent)} of the {len(self.names)} names in --split {self.text}"
        return [f"{count} match no scan, or scans of several patients; first: {shown(absent[0])}"]


def _owners(members: Sequence[Member]) -> dict[str, set[str]]:
    """Return whose scans a name may mean."""
    owners: dict[str, set[str]] = defaultdict(set)
    for member in members:
        for name in tails(member.label):
            owners[name].add(member.patient)
    return owners


def tails(label: str) -> list[str]:
    """Return the ends of a path, the longest first: a/b/c, b/c, c."""
    parts = parts_of(label)
    return ["/".join(parts[k:]) for k in range(len(parts))]


def in_two(found: Mapping[str, str], text: str, patient: str = "") -> str:
    """Say that scans of a patient were put apart."""
    (one, first), (two, second) = list(found.items())[:2]
    who = f"patient {patient}" if patient else "one patient"
    return (
        f"{who} is in two splits of {text}: {first} in {one}, {second} in {two}; scans of a "
        "patient must not be parted, take one of the lines out"
    )
