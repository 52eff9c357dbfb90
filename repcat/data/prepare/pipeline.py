"""Preparation: scans to a dataset directory; find, plan, make what is missing, write."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from repcat.arithmetic import one_thread
from repcat.data.ct.scan_discovery import Skipped, find_scans
from repcat.data.film.display import equaliser
from repcat.data.prepare.duplicates import keep_once
from repcat.data.prepare.output_dir import abandon, open_directory
from repcat.data.prepare.patient_ids import name_scans
from repcat.data.prepare.scan_to_patient import Job, Outcome, Preview, make_patient
from repcat.data.prepare.settings import Settings
from repcat.data.prepare.split_lists import Member, Split
from repcat.data.prepare.splits import empty_splits
from repcat.data.prepare.worker_pool import map_apart, start_context
from repcat.data.store.dataset_dir import FORMAT, content_hash, patient_file, write_table
from repcat.data.store.intact import write_dataset_checksums
from repcat.data.store.patient_file import read_header
from repcat.data.store.patient_table import Row, write_rows
from repcat.errors import DataError
from repcat.registry.plugins import load_parts
from repcat.version import __version__

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a dataset holds now, what was left out and why, and what is to be known of the whole."""

    prepared: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...] = ()


def prepare(
    sources: Sequence[Path],
    out: Path,
    settings: Settings,
    split: Split,
    jobs: int = 1,
    progress: Progress = lambda _done, _total, _label: None,
    preview: Preview | None = None,
    *,
    large: bool = False,
) -> Report:
    """Make the dataset `out` from scans; what is already made by these settings is kept.

    `progress(done, total, label)` is called after each scan, `preview` draws each; `large` lets in
    files that unpack to a suspicious lot. The result does not depend on `jobs`.
    Raises DataError when nothing can be prepared, and when `out` is of other settings or scans.
    """
    load_parts().projectors.get(settings.projector)
    if settings.film is not None:
        equaliser()  # said before the first scan, not of each
    context = start_context() if jobs > 1 else None  # workers import while scans are looked for
    plan, skipped, remarks = _plan(sources, settings, split, large=large)
    fresh = open_directory(out, settings, {job.id for job in plan})
    split_of: dict[str, str] = {}
    try:
        labels = {job.id: job.scan.label for job in plan}
        made = []
        make = partial(make_patient, settings=settings, out=out, preview=preview)
        if context and len(plan) > 1:
            outcomes = map_apart(make, plan, jobs, context)
        else:
            outcomes = _in_turn(plan, make)
        for done, outcome in enumerate(outcomes, start=1):
            if outcome.reason:
                skipped.append(Skipped(labels[outcome.id], outcome.reason))
            else:
                made.append(outcome.id)
            progress(done, len(plan), labels[outcome.id])
        kept = [job for job in plan if job.id in set(made)]
        if not kept:
            raise DataError(_nothing(skipped), code="nothing-prepared")
        split_of = split.assign([_member(job) for job in kept])
    finally:
        if fresh and not split_of:
            abandon(out)
    kept, copies, doubts = keep_once(out, kept, split_of)
    rows = [_row(out, job.id, split_of[job.id]) for job in kept]
    _finish(out, settings, split, rows)
    remarks += [*doubts, *empty_splits(split, split_of.values(), len(rows))]
    skipped = sorted([*skipped, *copies], key=lambda s: s.label)
    return Report(tuple(rows), tuple(skipped), tuple(remarks))


def _plan(
    sources: Sequence[Path], settings: Settings, split: Split, *, large: bool
) -> tuple[list[Job], list[Skipped], list[str]]:
    """Name every scan, and set aside what no list of the split names; remark what lists miss."""
    scans, skipped = find_scans(sources, large=large)
    jobs = [Job(*pair) for pair in zip(name_scans(scans, settings.ids), scans, strict=True)]
    members = [_member(job) for job in jobs]
    placed = split.assign(members)
    reason = f"in none of the lists of --split {split.text}"
    skipped += [Skipped(job.scan.label, reason) for job in jobs if job.id not in placed]
    jobs = sorted((job for job in jobs if job.id in placed), key=lambda job: job.id)
    if not jobs:
        raise DataError(_nothing(skipped), code="nothing-prepared")
    return jobs, skipped, split.absent(members)


def _in_turn(plan: list[Job], make: Callable[[Job], Outcome]) -> Iterator[Outcome]:
    """Yield outcomes from this process, of one thread as in a worker: the same bytes."""
    with one_thread():
        yield from map(make, plan)


def _finish(out: Path, settings: Settings, split: Split, rows: list[Row]) -> None:
    """Write patients.csv, and dataset.toml with the hash of all."""
    projector = load_parts().projectors.get(settings.projector)
    versions = {"repcat": __version__, "torch": torch.__version__}
    with contextlib.suppress(ModuleNotFoundError):
        versions[settings.projector] = version(settings.projector)
    versions.setdefault(settings.projector, f"{projector.origin} {version(projector.origin)}")
    table: dict[str, Any] = {
        "format": FORMAT,
        "views": [v.to_dict() for v in settings.views],
        "settings": settings.table(),
        "geometry": settings.scene().to_dict(),
        "split": {"rule": split.text, "seed": getattr(split, "seed", 0)},
        "versions": versions,
        "content": {"patients": len(rows), "hash": content_hash(out, rows)},
    }
    write_rows(out, rows)
    write_table(out, table)
    write_dataset_checksums(out, [row.id for row in rows])


def _row(out: Path, patient: str, split: str) -> Row:
    header = read_header(patient_file(out, patient))
    spacing = " ".join(f"{mm:.4g}" for mm in header["spacing_mm"])
    return Row(patient, split, header["source"], spacing, "; ".join(header["notes"]))


def _member(job: Job) -> Member:
    return Member(job.id, job.scan.label, job.scan.patient)


def _nothing(skipped: list[Skipped]) -> str:
    if not skipped:
        return "no CT scans found; name folders with DICOM, or NIfTI, MHA, NRRD or HDF5 files"
    lines = [f"{one.label}: {one.reason}" for one in sorted(skipped, key=lambda s: s.label)]
    told = f" {lines[0]}" if len(lines) == 1 else "".join(f"\n  - {line}" for line in lines)
    return f"no patient could be prepared:{told}"
