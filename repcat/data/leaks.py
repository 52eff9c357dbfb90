"""Leaks: one scan in two splits, under other names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from repcat.contracts import SPLITS, Mark, Patients
from repcat.data.store.thumbnail import alike
from repcat.errors import DataError


@dataclass(frozen=True, slots=True)
class Twin:
    """Two ids of one scan; `likeness` is 1 where their data are the same bytes."""

    one: str
    other: str
    likeness: float

    @property
    def same(self) -> bool:
        """Whether their data are the same bytes."""
        return self.likeness == 1

    @property
    def how(self) -> str:
        """Say what they are."""
        if self.same:
            return "are the same scan"
        return f"look like one scan (likeness {min(self.likeness, 0.999):.3f})"


def twins(marks: Mapping[str, Mark]) -> Iterator[Twin]:
    """Yield every pair of ids that stand for one scan, the same ones first."""
    first: dict[str, str] = {}
    for name, mark in marks.items():
        if (one := first.setdefault(mark.content, name)) != name:
            yield Twin(one, name, 1.0)
    apart = {name: marks[name].thumbnail for name in first.values()}
    for one, other, likeness in alike(apart):
        yield Twin(one, other, min(likeness, 0.9999))


def check_leaks(patients: Patients) -> None:
    """Raise DataError where one scan is in two splits of a dataset."""
    marks = {split: patients.marks(split) for split in SPLITS}
    split_of = {name: split for split, found in marks.items() for name in found}
    every = {name: mark for found in marks.values() for name, mark in found.items()}
    refuse_parted(list(twins(every)), split_of, {}, f"the dataset {patients.name}")


def check_apart(
    trained: Patients,
    tested: Patients,
    ours: Sequence[str] = SPLITS[:2],
    theirs: str = SPLITS[2],
    where: str = "the study",
) -> None:
    """Raise DataError where a scan that one dataset trains or validates on is a test of another.

    `ours` and `theirs` are the splits that are looked at, the latter a test unless told.
    """
    known = {n: m for split in ours for n, m in trained.marks(split).items()}
    others = tested.marks(theirs)
    sides = {f"{trained.name}/{n}": m for n, m in known.items()}
    split_of = dict.fromkeys(sides, "training") | {f"{tested.name}/{n}": theirs for n in others}
    every = sides | {f"{tested.name}/{n}": m for n, m in others.items()}
    refuse_parted(list(twins(every)), split_of, {}, where)


def refuse_parted(
    found: list[Twin], split_of: Mapping[str, str], labels: Mapping[str, str], where: str
) -> None:
    """Raise DataError for twins in two splits, naming the first; `labels` says where they lie."""
    parted = [t for t in found if split_of[t.one] != split_of[t.other]]
    if not parted:
        return
    twin, count = parted[0], len(parted) - 1
    one, other = (
        f"{name} ({labels[name]})" if name in labels else name for name in (twin.one, twin.other)
    )
    more = f", and {count} more pair{'s' * (count != 1)}" * bool(count)
    msg = (
        f"{where}: {one} in {split_of[twin.one]} and {other} in {split_of[twin.other]} "
        f"{twin.how}{more}; list both in one split "
        "(`repcat prepare --split FILE.csv`) or take one away; "
        "docs/messages.md#one-scan-in-two-splits"
    )
    raise DataError(msg, code="one-scan-in-two-splits")
