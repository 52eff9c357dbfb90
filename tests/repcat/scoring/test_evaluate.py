"""Tables of scores, from patients and predictions to files."""

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from repcat import Geometry, View
from repcat.errors import DataError, RunError
from repcat.io.checksums import file_hash
from repcat.registry.plugins import load_parts
from repcat.runs.run import Run
from repcat.scoring import DEFAULT_PROTOCOLS
from repcat.scoring.baselines import MEAN_VOLUME
from repcat.scoring.evaluate import Setting, evaluate_patients
from repcat.scoring.protocols import protocols
from repcat.scoring.reprojection import reprojection
from repcat.scoring.score_record import ScoreRecord
from repcat.scoring.score_table import write_scores
from repcat.scoring.summary import MODEL, Scores

VIEWS = (View(0), View(90))
BY = protocols(DEFAULT_PROTOCOLS, load_parts())
METHODS = [
    "model",
    "constant",
    "mean volume",
    "nearest patient",
    "truth blurred 10 mm (oracle)",
    "truth blurred 20 mm (oracle)",
]


@pytest.fixture
def predictions(tmp_path: Path, blocks) -> dict[str, Path]:
    """The truth with 50 HU of noise, saved as a run does."""
    patients = blocks()
    for name in patients.ids("test"):
        generator = torch.Generator().manual_seed(0)
        noisy = patients.load(name).volume + 50 * torch.randn(16, 16, 16, generator=generator)
        np.save(tmp_path / f"{name}.npy", noisy.numpy().astype(np.float16))
    return {p.stem: p for p in tmp_path.glob("*.npy")}


@pytest.fixture
def tables(predictions, blocks, sums) -> tuple[Scores, ...]:
    return evaluate_patients(blocks(), predictions, Setting(VIEWS, sums, BY))


def test_every_table_shows_the_baselines_on_the_same_patients_and_columns(tables) -> None:
    assert [t.header.protocol for t in tables] == [*DEFAULT_PROTOCOLS, "faithfulness"]
    for table in tables[:-1]:
        assert table.methods == METHODS
        for method in METHODS:
            rows = [r for r in table.rows if r.method == method]
            assert [r.patient for r in rows] == ["p2", "p3", "p4"]
            assert all(list(r.figures) == table.columns for r in rows)


def test_the_header_says_what_was_scored(tables) -> None:
    assert str(tables[0].header) == (
        "protocol standard · dataset blocks, split test · 3 patients · baselines from 2 training "
        "patients · views at 0, 90 degrees · window -1000..1000 HU · blocks, no patients"
    )


def test_a_good_model_leads_the_baselines_by_an_interval_that_excludes_zero(tables) -> None:
    leads = tables[0].differences()
    assert list(leads) == ["constant", "mean volume", "nearest patient"]
    assert all(lead.low > 3 for lead in leads.values())
    assert tables[1].differences() == {}


def test_equivalent_blur_of_the_oracles_is_their_own(tables) -> None:
    assert tables[0].values(METHODS[4], "equivalent_blur_mm") == [10, 10, 10]
    assert tables[0].summary(MODEL, "equivalent_blur_mm").mean < 10
    assert math.isinf(tables[0].summary("constant", "equivalent_blur_mm").mean)


def test_faithfulness_shows_the_model_the_mean_volume_and_the_ceiling(tables) -> None:
    table = tables[-1]
    assert table.methods == ["model", "mean volume", "truth (ceiling)"]
    ncc = [table.summary(m, "reprojection_ncc").mean for m in table.methods]
    assert ncc[1] < ncc[0] < ncc[2] == pytest.approx(1)


def test_the_mean_volume_is_projected_once_for_all_patients(predictions, blocks, sums) -> None:
    seen = []

    def noted(mu, geometry, views):
        seen.append(mu)
        return sums(mu, geometry, views)

    patients = blocks()
    (*_, table) = evaluate_patients(patients, predictions, Setting(VIEWS, noted, BY))
    assert len(seen) == 1 + 2 * 3  # the mean; each patient's prediction and truth
    integrals = patients.load("p3").integrals
    again = reprojection(sums(seen[0], patients.geometry, VIEWS), integrals)
    found = {(row.patient, row.method): row.figures for row in table.rows}
    assert found["p3", MEAN_VOLUME] == again


def test_a_table_goes_to_csv_and_json(tables, tmp_path: Path) -> None:
    record = ScoreRecord("blocks", "0", "0", {}, [], {"6": "w"}, {"p2": "c"}, {"p2": "v"})
    path = write_scores(Run(tmp_path), tables[0], record)
    assert path.name == "blocks.standard.csv"
    assert {p.name for p in path.parent.iterdir()} == {path.name, "blocks.standard.json"}
    read = ScoreRecord.read(path)
    assert read == replace(record, split="test", protocol="standard", table=file_hash(path))
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert [rows[0]["id"], rows[0]["method"]] == ["p2", "model"]
    assert float(rows[0]["body_psnr"]) == pytest.approx(
        tables[0].values(MODEL, "body_psnr")[0], rel=1e-6
    )
    text = json.dumps(tables[0].to_dict(), allow_nan=False)
    summary = json.loads(text)["summary"]
    assert summary[MODEL]["psnr"]["n"] == 3
    assert summary["constant"]["equivalent_blur_mm"]["mean"] is None


def test_a_plugins_metric_is_a_column_of_the_standard_table(predictions, blocks, sums) -> None:
    def worst(truth: Tensor, prediction: Tensor, geometry: Geometry) -> float:
        return float((truth - prediction).abs().max())

    setting = Setting(VIEWS, sums, BY[:1], metrics={"worst": worst})
    table, _ = evaluate_patients(blocks(), predictions, setting)
    assert table.columns[-1] == "worst"
    assert table.summary("constant", "worst").mean > table.summary(MODEL, "worst").mean > 0


def test_baselines_come_from_the_data_the_model_was_trained_on(predictions, blocks, sums) -> None:
    class Elsewhere(blocks):
        def ids(self, split: str) -> tuple[str, ...]:
            return () if split == "train" else super().ids(split)

    setting = Setting(VIEWS, sums, BY[:1])
    tables = evaluate_patients(Elsewhere(), predictions, setting, training=blocks())
    assert tables[0].header.training_patients == 2


def test_missing_predictions_are_said_with_the_command_that_makes_them(
    predictions, blocks, sums
) -> None:
    del predictions["p3"]
    with pytest.raises(
        RunError, match=r"no predictions of 1 of the 3.*p3; run: repcat predict RUN"
    ):
        evaluate_patients(blocks(), predictions, Setting(VIEWS, sums, BY))


def test_a_prediction_that_does_not_fit_names_its_patient(predictions, blocks, sums) -> None:
    np.save(predictions["p3"], np.zeros((8, 16, 16)))
    with pytest.raises(DataError, match="patient 'p3', model: the truth is 16 x 16 x 16"):
        evaluate_patients(blocks(), predictions, Setting(VIEWS, sums, BY))


def test_a_broken_file_is_named(predictions, blocks, sums) -> None:
    predictions["p2"].write_bytes(b"not an array")
    with pytest.raises(DataError, match=r"p2\.npy cannot be read as an array"):
        evaluate_patients(blocks(), predictions, Setting(VIEWS, sums, BY))


def test_an_empty_split_is_refused_before_any_work(predictions, blocks, sums) -> None:
    with pytest.raises(DataError, match="code: no-patients"):
        evaluate_patients(blocks(), predictions, Setting(VIEWS, sums, BY, split="validation"))
