"""Readers of records: what a prediction and a table of scores are of."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from repcat import Request, Window, preset
from repcat.errors import RepcatError
from repcat.inference.intervals import Intervals
from repcat.io.checksums import file_hash
from repcat.runs.calibration import FILE as CALIBRATION
from repcat.runs.calibration import Calibration
from repcat.runs.prediction_record import PredictionRecord, record_path
from repcat.scoring.score_record import ScoreRecord, score_record_path
from repcat.scoring.score_table import check_scores, read_methods
from repcat_plugins.datasets.prepared import Prepared
from tests.fuzz.target import Read, target
from tests.fuzz.targets.dataset import SIZE, VIEWS, write_dataset
from tests.fuzz.targets.runs import write_run


@target(
    "prediction-record", "patient dataset content geometry views step weights volume null [] {}"
)
def prediction(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The record beside a predicted volume."""
    request = Request(SIZE, VIEWS, lambda *_: torch.zeros(2, SIZE, SIZE))
    patients = Prepared(request, path=str(write_dataset(folder / "set")))
    volume = folder / "p0.npy"
    np.save(volume, np.zeros((SIZE,) * 3, np.float32))
    made = PredictionRecord.of(patients, "p0", VIEWS, 4, "w", volume)
    file = record_path(volume)

    def once(data: bytes) -> None:
        file.write_bytes(data)
        if record := PredictionRecord.read(volume):
            record.fault(patients, VIEWS)
            list(record.byte_faults(volume))

    return [json.dumps(asdict(made)).encode()], once


@target("score-record", "dataset geometry views weights contents volumes split table null [] {}")
def scores(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The record beside a table of scores."""
    run = write_run(folder / "x")
    run.metrics.mkdir()
    table = run.metrics / "d.standard.csv"
    table.write_text("id,method,psnr\np0,model,20.1\n")
    kept = {"p0": "c"}
    made = ScoreRecord(
        "d", "f", "t", {}, ["0"], kept, kept, kept, "test", "standard", file_hash(table)
    )
    file = score_record_path(table)

    def once(data: bytes) -> None:
        file.write_bytes(data)
        if record := ScoreRecord.read(table):
            str(record.step)
            record.fault(run, table)
        with contextlib.suppress(RepcatError):
            check_scores(table)
        read_methods(table)

    return [json.dumps(asdict(made)).encode()], once


@target("calibration", "views factor figures lung_ml weights alpha digest null [] {} 1e999 NaN")
def calibration(folder: Path) -> tuple[Sequence[bytes], Read]:
    """By what a run's intervals are widened."""
    entry = {"views": 2, "factor": 1.5, "figures": {"lung_ml": [1.0, 2.0], "other": None}}
    facts = ("d", "f", "validation", 1, ["p0"], "body", "betting", 0.1, 0.1, [0.05, 0.95], 4, "w")
    made = Calibration(*facts, [entry])
    made.write(folder)
    file, window = folder / CALIBRATION, Window()
    plan = Intervals(made, window, preset("parallel", size=8, cube_mm=80.0))
    reading = torch.zeros(3, 8, 8, 8)

    def once(data: bytes) -> None:
        file.write_bytes(data)
        with contextlib.suppress(RepcatError):
            if found := Calibration.read(folder):
                replace(plan, calibration=found).of(reading, 2)

    return [file.read_bytes()], once
