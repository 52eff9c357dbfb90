"""Scan discovery: the scans in what a user names, by patient; what is left out and why."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from repcat.data.ct import dicom_index, reader
from repcat.data.ct.dicom_slices import decoded, is_dicom
from repcat.data.ct.known_words import kernel_name
from repcat.data.ct.reader import Volume
from repcat.data.ct.source_paths import (
    H5_SUFFIXES,
    SUFFIXES,
    Found,
    below,
    files_of,
    key_of,
    labels_of,
    name_of,
    stem,
    suffix,
)
from repcat.errors import DataError
from repcat.io.strangers.access import why_closed

UNKNOWN = "not a scan that repcat reads: give DICOM, " + ", ".join(SUFFIXES + H5_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Scan:
    """One CT that can be read.

    `label` is its path below the SOURCE, `patient` the key that all scans of a patient share, a
    hash; neither they nor `notes` hold what a header says of the patient. `large` lets in files
    that unpack to a suspicious lot.
    """

    label: str
    patient: str
    paths: tuple[Path, ...]
    kind: Literal["file", "dicom", "h5"]
    notes: tuple[str, ...] = ()
    large: bool = False

    def read(self) -> Volume:
        """Read it, in Hounsfield units and LPS axes; DataError says what is wrong."""
        if self.kind == "dicom":
            return reader.read_series(self.paths, self.notes, large=self.large)
        read = reader.read_h5 if self.kind == "h5" else reader.read_file
        volume = read(self.paths[0], large=self.large)
        return replace(volume, notes=(*self.notes, *volume.notes))


@dataclass(frozen=True, slots=True)
class Skipped:
    """What is left out: where it is, what is wrong with it and what to do."""

    label: str
    reason: str


def find_scans(sources: Sequence[Path], *, large: bool = False) -> tuple[list[Scan], list[Skipped]]:
    """Find the CTs in folders (searched with all their folders) and files, always in one order.

    DICOM is known by its contents, other files by their names. Only headers are read, and one
    slice of each series, in a child process: a file that crashes it is one that is left out.
    """
    closed = {f: why_closed(f.path) for f in files_of(sources)}
    found = [f for f, reason in closed.items() if not reason]
    scans, skipped = _file_scans([f for f in found if suffix(f.path)], large=large)
    others = [f for f in found if not suffix(f.path)]
    slices = [f for f in others if is_dicom(f.path)]
    more, refused = _dicom_scans(slices, large=large)
    known = {f.path for f in slices}
    stray = [f for f in others if f.path == f.source and f.path not in known]
    shut = _skipped_files((f, reason) for f, reason in closed.items() if reason)
    skipped += [*refused, *(Skipped(f.label, UNKNOWN) for f in stray), *shut]
    scans = sorted(scans + more, key=lambda s: (s.label, s.paths))
    return scans, sorted(skipped, key=lambda s: (s.label, s.reason))


def _file_scans(found: list[Found], *, large: bool) -> tuple[list[Scan], list[Skipped]]:
    """Make a scan of each file whose header does not already rule it out."""
    scans: list[Scan] = []
    faults: list[tuple[Found, str]] = []
    folders: dict[str, set[Path]] = defaultdict(set)
    for one in found:
        folders[stem(one.path)].add(one.path.parent)
    for one in found:
        hdf = suffix(one.path) in H5_SUFFIXES
        try:
            if not hdf:
                reader.check_header(one.path, large=large)
        except DataError as error:
            faults.append((one, str(error)))
            continue
        alone = len(folders[stem(one.path)]) == 1
        patient = key_of(name_of(one, alone))
        kind: Literal["h5", "file"] = "h5" if hdf else "file"
        scans.append(Scan(one.label, patient, (one.path,), kind, large=large))
    return scans, _skipped_files(faults)


def _skipped_files(faults: Iterable[tuple[Found, str]]) -> list[Skipped]:
    """Report files of one folder that share a fault in one line."""
    groups: dict[tuple[Path, str], list[str]] = defaultdict(list)
    for one, reason in faults:
        groups[one.path.parent, reason].append(one.label)
    return [
        Skipped(first + f" and {len(more)} more beside it" * bool(more), reason)
        for (_, reason), (first, *more) in groups.items()
    ]


def _dicom_scans(found: list[Found], *, large: bool) -> tuple[list[Scan], list[Skipped]]:
    """Make a scan of each series that can be read."""
    sources = {f.path: f.source for f in found}
    series, refusals = dicom_index.find_series(list(sources), large=large)
    entries = [(s.paths, kernel_name(s.slices[0].kernel)) for s in series]
    labels = labels_of(entries + [(r.paths, r.kernel) for r in refusals], sources)
    salts = _salts(series, large=large)
    scans = []
    for one, label in zip(series, labels, strict=False):
        who, notes = one.slices[0].patient, one.notes
        if who:
            patient = key_of(f"{who} {salts[who]}")
        else:
            source, folder = sources[one.paths[0]], one.paths[0].parent
            patient = key_of(f"{source.name}/{below(source, folder)}")
            notes = ("the patient ID is blank: the folder stands for the patient", *notes)
        scans.append(Scan(label, patient, one.paths, "dicom", notes, large))
    reasons = (r.reason for r in refusals)
    return scans, [Skipped(*pair) for pair in zip(labels[len(series) :], reasons, strict=True)]


def _rank(series: dicom_index.Series) -> tuple[str, str, tuple[str, ...], str]:
    """Order series by their UIDs; those that share one by what is known of them."""
    one = series.slices[0]
    return one.study, one.series, series.notes, one.kernel


def _salts(series: list[dicom_index.Series], *, large: bool) -> dict[str, str]:
    """Give each patient ID a salt: the hash of a slice's pixels.

    IDs are short: whoever guesses one could compare its bare hash. The noise of a slice at full
    size is in no dataset, so only the owner of the DICOM files can. It is the middle slice of the
    series with the lowest UIDs, so that the same files give the same keys anywhere.
    """
    first: dict[str, dicom_index.Series] = {}
    for one in sorted(series, key=_rank):
        first.setdefault(one.slices[0].patient, one)
    middles = {who: one.paths[len(one.paths) // 2] for who, one in first.items() if who}
    return {
        who: hashlib.sha256(decoded(p, large=large).tobytes()).hexdigest()
        for who, p in middles.items()
    }
