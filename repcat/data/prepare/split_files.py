"""Split files: lists and tables that say which patients train, validate and test."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

from repcat.contracts import SPLITS
from repcat.data.prepare.patient_ids import parts_of
from repcat.data.prepare.split_lists import Lists, in_two, tails
from repcat.errors import DataError, shown

ALIASES = {"val": "validation", "valid": "validation"}
# In X2CT-GAN's lists a patient of LIDC-IDRI is LIDC-IDRI-0442 and a scan has more behind it.
LIDC = re.compile(r"(LIDC-IDRI-\d{4})\b")


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
    try:
        rows = list(csv.DictReader(_read(path).splitlines()))
    except csv.Error as error:
        msg = f"--split: {path} cannot be read ({error}); name a table of ids and splits"
        raise DataError(msg, code="split-unreadable") from error
    if not rows or not {"id", "split"} <= rows[0].keys():
        msg = f"{path} has no columns 'id' and 'split'; write them in its first line, with a comma"
        raise DataError(msg, code="split-without-columns")
    return _lists([(row["id"] or "", row["split"] or "") for row in rows], str(path))


def _lists(pairs: list[tuple[str, str]], text: str) -> Lists:
    """Check names of splits, and that no patient is in two of them."""
    entries: dict[str, set[str]] = {}
    names = list[str]()
    patients: dict[str, dict[str, str]] = defaultdict(dict)
    for raw, given in pairs:
        split = ALIASES.get(given, given)
        if split not in SPLITS:
            msg = f"{text}: {shown(given)} is no split; there are {', '.join(SPLITS)}"
            raise DataError(msg, code="no-such-split")
        name = "/".join(parts_of(raw))
        lidc = LIDC.search(name)
        patient = lidc.group(1) if lidc else name
        patients[patient].setdefault(split, name)
        names.append(name)
        if len(patients[patient]) > 1:
            raise DataError(in_two(patients[patient], text, patient), code="split-lists-disagree")
        for tail in tails(raw):
            entries.setdefault(tail, set()).add(split)
    # The end of two paths that stand in two lists tells nothing.
    sure = {name: split for name, (split, *more) in entries.items() if not more}
    return Lists(text, sure, tuple(dict.fromkeys(names)))


def _read(path: Path) -> str:
    try:
        return path.expanduser().read_text("utf-8-sig")  # Excel puts a mark before the first name
    except (OSError, RuntimeError, ValueError) as error:  # ~nobody, a NUL, not text
        why = getattr(error, "strerror", None) or "not a text file"
        msg = f"--split: {path} cannot be read ({why}); name a text file"
        raise DataError(msg, code="split-unreadable") from error
