"""Duplicates: scans that were prepared under two ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from repcat.data.ct.scan_discovery import Skipped
from repcat.data.leaks import refuse_parted, twins
from repcat.data.prepare.scan_to_patient import Job
from repcat.data.store.dataset_dir import contents, patient_file
from repcat.data.store.patient_table import Row


def keep_once(
    out: Path, jobs: Sequence[Job], split_of: Mapping[str, str]
) -> tuple[list[Job], list[Skipped], list[str]]:
    """Keep one of the scans that are the same; return what stays, what goes, and remarks.

    Two that are alike, as two kernels or phases of one scan, both stay and are remarked.
    Raises DataError where twins are in two splits.
    """
    labels = {job.id: job.scan.label for job in jobs}
    marks = contents(out, [Row(job.id, "", "", "", "") for job in jobs])[0]
    found = list(twins(marks))
    refuse_parted(found, split_of, labels, str(out))
    gone = {twin.other: twin.one for twin in found if twin.same}
    for name in gone:
        patient_file(out, name).unlink()
        (out / "previews" / f"{name}.png").unlink(missing_ok=True)
    skipped = [Skipped(labels[n], f"the same scan as {labels[one]}, which is kept as {one}")
               for n, one in gone.items()]  # fmt: skip
    remarks = [
        f"{t.one} ({labels[t.one]}) and {t.other} ({labels[t.other]}) {t.how}: if they are, "
        f"{split_of[t.one]} counts it twice"
        for t in found
        if not t.same
    ]
    return [job for job in jobs if job.id not in gone], skipped, remarks
