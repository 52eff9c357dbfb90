"""Score tables: written with their records, and read only where they belong to their run."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from repcat.contracts import Patients
from repcat.errors import DataError, RunError, cut
from repcat.io.atomic import atomic_file, os_errors_as_data_errors
from repcat.runs.prediction_record import Fault
from repcat.runs.run import Run
from repcat.runs.saved_predictions import SavedPredictions
from repcat.scoring import DEFAULT_PROTOCOLS
from repcat.scoring.coverage import INTERVALS
from repcat.scoring.score_file import ScoreFile, list_score_files, score_path
from repcat.scoring.score_patient import FAITHFULNESS
from repcat.scoring.score_record import ScoreRecord, score_record_path
from repcat.scoring.summary import MODEL, Scores

# Patient to figure to value.
Figures = Mapping[str, Mapping[str, float]]


def drop_others(run: Run, patients: Patients) -> str:
    """Delete tables of another dataset of the same name, to make place; return what to say."""
    ours = [path for file, path in list_score_files(run).items() if file.dataset == patients.name]
    known = {path: ScoreRecord.read(path) for path in ours}
    others = [path for path, record in known.items() if record and not record.is_of(patients)]
    for path in others:
        with os_errors_as_data_errors(path):
            path.unlink()
            score_record_path(path).unlink(missing_ok=True)
    return f"tables of another dataset of this name were deleted: {len(others)}" if others else ""


def write_scores(run: Run, scores: Scores, record: ScoreRecord) -> Path:
    """Write a table as CSV, then its record; the file appears whole or not at all."""
    head = scores.header
    path = score_path(run, head.dataset, head.protocol, head.split)
    with os_errors_as_data_errors(path):
        score_record_path(path).unlink(missing_ok=True)
    with atomic_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "method", *scores.columns])
        for row in scores.rows:
            values = (f"{row.figures[c]:.7g}" for c in scores.columns)
            writer.writerow([row.patient, row.method, *values])
    record.write(path, head)
    return path


def check_scores(path: Path, command: str = "evaluate") -> ScoreRecord:
    """Return what a table is of.

    Raises:
        RunError: where it has no record, or its run as it is now has not these scores, with what
            mends it: `command`, after `repcat predict` where the weights are others.
    """
    record = ScoreRecord.read(path)
    if record is None:
        _refuse(path, Fault("no-record", "has no record of what it is of"), command)
    if fault := record.fault(Run(path.parents[1]), path):
        _refuse(path, fault, command)
    return record


def check_predicted(path: Path, saved: SavedPredictions) -> None:
    """Raise RunError where a table is not of these predictions, such as those of another step."""
    scored, there = check_scores(path).volumes, saved.volumes
    if any(scored[p] != there[p] for p in scored.keys() & there) or not scored.keys() & there:
        _refuse(path, Fault("other-volumes", "is of other volumes than there are now"))


def _refuse(path: Path, fault: Fault, command: str = "evaluate") -> NoReturn:
    run, file = Run(path.parents[1]), ScoreFile.parse(path)
    home = run.provenance().get("dataset")
    words = "" if home in (None, file.dataset) else f" --data path/to/{file.dataset}"
    words += "" if file.split == "test" or command != "evaluate" else f" --split {file.split}"
    predict = command == "evaluate" and fault.code in ("other-weights", "no-record")
    first = f"repcat predict {run.path}{words} && " if predict else ""
    if command != "evaluate":
        words += f" --what {file.protocol}"
    elif file.protocol not in (*DEFAULT_PROTOCOLS, FAITHFULNESS, INTERVALS):
        words += f" --protocol {file.protocol}"
    msg = f"{path} {fault.words}; run: {first}repcat {command} {run.path}{words}"
    raise RunError(msg, code=fault.code)


def read_methods(path: Path, command: str = "evaluate") -> dict[str, dict[str, dict[str, float]]]:
    """Read a score file that `command` wrote: method to patient to figure to value.

    Raises:
        RunError: where it does not belong to its run as it is now; see `check_scores`.
        DataError: where it is no table.
    """
    check_scores(path, command)
    return parse_methods(path)


def parse_methods(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Read a score file as it is, whatever it belongs to; see `read_methods`."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for record in csv.DictReader(file):
                method, patient = record.pop("method"), record.pop("id")
                figures = {k: float(v) for k, v in record.items()}
                found.setdefault(method, {})[patient] = figures
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        msg = f"{path} is no table that `repcat evaluate` wrote ({cut(str(error))}); evaluate again"
        raise DataError(msg, code="scores-damaged") from None
    return found


def read_scores(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Read a score file that has the model's rows; see `read_methods`."""
    found = read_methods(path)
    if MODEL not in found:
        msg = f"{path} has no rows of the method {MODEL!r}; evaluate the run again"
        raise DataError(msg, code="no-model-rows")
    return found


def figure_of(path: Path, figure: str, method: str = MODEL) -> list[float]:
    """Read one figure of one method, patient by patient.

    Raises:
        DataError: where the file has no such figure, with those it has.
    """
    rows = list(read_methods(path).get(method, {}).values())
    if not rows or figure not in rows[0]:
        known = ", ".join(rows[0]) if rows else "no row"
        msg = f"{path} has no figure {figure!r}; it has {known}"
        raise DataError(msg, code="no-such-figure")
    return [row[figure] for row in rows]
