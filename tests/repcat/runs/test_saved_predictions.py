"""Which volumes belong to a run as it is, and which make place."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from repcat import Request, View
from repcat.errors import RunError
from repcat.io.checksums import file_hash
from repcat.runs.checkpoint import State, weights_hash
from repcat.runs.prediction_record import PredictionRecord, byte_fault, record_path
from repcat.runs.run import Run
from repcat.runs.saved_predictions import check_belonging, drop_others, step_words
from repcat.types import cannot_project

VIEWS = (View(0), View(90))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run at steps 2 and 4."""
    run = Run(tmp_path / "run")
    for step in (2, 4):
        run.save(step, State({"model": {"w": torch.tensor([float(step)])}}, {"step": step}))
    return run


@pytest.fixture
def patients(parts):
    return parts.datasets.get("blobs").factory(Request(16, VIEWS, cannot_project("no need")))


@pytest.fixture
def files(run, patients) -> dict[str, Path]:
    """Volumes of the test split by step 4, with their records."""
    found = {}
    for name in patients.ids("test"):
        found[name] = run.predictions("blobs") / f"{name}.npy"
        found[name].parent.mkdir(parents=True, exist_ok=True)
        np.save(found[name], np.zeros(2))
        weights = weights_hash(run.checkpoint(4))
        about = (patients, name, VIEWS, 4, weights)
        PredictionRecord.of(*about, found[name]).write(found[name])
    return found


def change(file: Path, **facts: object) -> None:
    record = PredictionRecord.read(file)
    assert record
    replace(record, **facts).write(file)


def test_what_belongs_is_returned_with_its_step_and_hashes(run, patients, files) -> None:
    saved = check_belonging(run, patients, VIEWS, files, "cure")
    assert (saved.step, saved.weights) == (4, {"4": weights_hash(run.checkpoint(4))})
    assert saved.volumes == {name: file_hash(file) for name, file in files.items()}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"content": "x"}, "other-scan"),
        ({"geometry": {}}, "other-geometry"),
        ({"views": ["0"]}, "other-views"),
        ({"patient": "test-0"}, "no-record"),
        ({"files": {".npy": "x"}}, "file-changed"),
        ({"step": 2}, "mixed-steps"),
        ({"weights": "x"}, "mixed-steps"),
    ],
)
def test_one_fact_that_differs_is_refused(run, patients, files, facts, code) -> None:
    change(files["test-1"], **facts)
    with pytest.raises(RunError, match=r"run: cure\n") as refused:
        check_belonging(run, patients, VIEWS, files, "cure")
    assert refused.value.code == code


@pytest.mark.parametrize("facts", [{"fingerprint": "x"}, {"dataset": "x"}, {"repcat": "99"}])
def test_names_and_versions_decide_nothing(run, patients, files, facts) -> None:
    for file in files.values():
        change(file, **facts)
    assert check_belonging(run, patients, VIEWS, files, "cure")


@pytest.mark.parametrize("step", [2, 4, 5])
def test_weights_that_the_run_has_not_are_refused(run, patients, files, step) -> None:
    for file in files.values():
        change(file, step=step, weights="x")
    with pytest.raises(RunError, match="code: other-weights"):
        check_belonging(run, patients, VIEWS, files, "cure")


def test_a_checkpoint_that_was_deleted_contradicts_nothing(run, patients, files) -> None:
    for file in files.values():
        change(file, step=3, weights="x")
    assert check_belonging(run, patients, VIEWS, files, "cure").step == 3


def test_the_last_step_needs_no_words(run) -> None:
    assert step_words(run, 4) == step_words(run, None) == "" == step_words(Run(run.path / "x"), 2)
    assert step_words(run, 2) == "step 2 of 4"


def test_only_volumes_of_other_scans_make_place(run, patients, files) -> None:
    folder = files["test-0"].parent
    change(files["test-1"], content="x")
    np.save(folder / "old.npy", np.zeros(2))  # an older repcat kept no record: not ours to delete
    assert drop_others(folder, patients) == 1
    assert {p.name for p in folder.iterdir()} == {"test-0.npy", "test-0.json", "old.npy"}
    assert drop_others(folder, patients) == drop_others(folder / "none", patients) == 0


def test_a_patient_with_dots_in_his_id_has_a_record_of_his_own() -> None:
    assert record_path(Path("p/1.2.3.npy")) == Path("p/1.2.3.json")


def test_a_file_that_cannot_be_read_is_no_traceback(tmp_path: Path) -> None:
    fault = byte_fault(tmp_path, "x")
    assert fault and fault.code == "file-unreadable"
