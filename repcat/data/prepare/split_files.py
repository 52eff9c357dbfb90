"""Split files: lists that say which patients train, validate and test."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from repcat.contracts import SPLITS
from repcat.data.prepare.patient_ids import parts_of
from repcat.errors import DataError


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


ALIASES = {"val": "validation", "valid": "validation"}
# In X2CT-GAN's lists a patient of LIDC-IDRI is LIDC-IDRI-0442 and a scan has more behind it.
LIDC = re.compile(r"(LIDC-IDRI-\d{4})\b")


@dataclass(frozen=True, slots=True)
class Lists:
    """Names and the split each belongs to, as files list them.

    A name is a scan's id, or the end of its path with or without its format's ending; every scan
    of a patient goes where one of them is listed.
    """

    text: str
    entries: Mapping[str, str]

    def assign(self, members: Sequence[Member]) -> dict[str, str]:
        """Look scans up; a patient in two splits or a name for two patients is refused."""
        owners: dict[str, set[str]] = defaultdict(set)
        for member in members:
            for name in _tails(member.label):
                owners[name].add(member.patient)
        places: dict[str, dict[str, str]] = defaultdict(dict)
        for member in members:
            for name in (member.id, *_tails(member.label)):
                if name in self.entries and len(owners[name]) <= 1:
                    places[member.patient].setdefault(self.entries[name], name)
                    break
        for found in places.values():
            if len(found) > 1:
                raise DataError(_in_two(found, self.text), code="split-lists-disagree")
        split_of = {patient: next(iter(found)) for patient, found in places.items()}
        return {m.id: split_of[m.patient] for m in members if m.patient in split_of}


def read_lists(text: str) -> Lists:
    """Read 'train=FILE,test=FILE': a name a line, up to the first blank, comma or semicolon."""
    pairs = []
    for part in text.split(","):
        split, _, file = part.partition("=")
        if not file:
            msg = f"--split {text}: {part!r} names no file; write SPLIT=FILE,SPLIT=FILE"
            raise DataError(msg, code="split-names-no-file")
        lines = _read(Path(file)).splitlines()
        pairs += [(re.split(r"[\s,;]", ln.strip())[0], split.strip()) for ln in lines if ln.strip()]
    return _lists(pairs, text)


def read_table(path: Path) -> Lists:
    """Read a CSV file with the columns id and split; patients.csv is one."""
    rows = list(csv.DictReader(_read(path).splitlines()))
    if not rows or not {"id", "split"} <= rows[0].keys():
        msg = f"{path} has no columns 'id' and 'split'; write them in its first line, with a comma"
        raise DataError(msg, code="split-without-columns")
    return _lists([(row["id"], row["split"] or "") for row in rows], str(path))


def _lists(pairs: list[tuple[str, str]], text: str) -> Lists:
    """Check names of splits, and that no patient is in two of them."""
    entries: dict[str, set[str]] = {}
    patients: dict[str, dict[str, str]] = defaultdict(dict)
    for raw, given in pairs:
        split = ALIASES.get(given, given)
        if split not in SPLITS:
            msg = f"{text}: {given!r} is no split; there are {', '.join(SPLITS)}"
            raise DataError(msg, code="no-such-split")
        name = "/".join(parts_of(raw))
        lidc = LIDC.search(name)
        patient = lidc.group(1) if lidc else name
        patients[patient].setdefault(split, name)
        if len(patients[patient]) > 1:
            raise DataError(_in_two(patients[patient], text, patient), code="split-lists-disagree")
        for tail in _tails(raw):
            entries.setdefault(tail, set()).add(split)
    # The end of two paths that stand in two lists tells nothing.
    sure = {name: split for name, (split, *more) in entries.items() if not more}
    return Lists(text, sure)


def _tails(label: str) -> list[str]:
    """Return the ends of a path, the longest first: a/b/c, b/c, c."""
    parts = parts_of(label)
    return ["/".join(parts[k:]) for k in range(len(parts))]


def _in_two(found: Mapping[str, str], text: str, patient: str = "") -> str:
    (one, first), (two, second) = list(found.items())[:2]
    who = f"patient {patient}" if patient else "one patient"
    return (
        f"{who} is in two splits of {text}: {first} in {one}, {second} in {two}; scans of a "
        "patient must not be parted, take one of the lines out"
    )


def _read(path: Path) -> str:
    try:
        return path.expanduser().read_text("utf-8-sig")  # Excel puts a mark before the first name
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        msg = f"--split: {path} cannot be read ({why}); name a text file"
        raise DataError(msg, code="split-unreadable") from error
