"""A run directory to tables."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated

import numpy as np
import pytest
import torch
import typer
from torch import Tensor
from typer.testing import CliRunner
from typing_extensions import Doc

from repcat import Column, Geometry, Grid, Parts, Protocol, Scorer, View, Window, hookimpl
from repcat.errors import PartError, RunError
from repcat.registry.plugins import load_parts, register
from repcat.report.tables.comparison import headings
from repcat.runs.prediction_record import PredictionRecord
from repcat.runs.run import Run
from repcat.scoring.evaluate import evaluate_run
from repcat.scoring.metric_info import column
from repcat.scoring.summary import MODEL
from repcat.studies.tables import run_tables

VIEWS = (View(0), View(90))
RECIPE = """
[data]
use = "blocks"
size = 16
views = [0, 90]
projector = "sums"
volume = "{volume}"
[mapper]
use = "anything"
[backbone]
use = "anything"
[objective]
use = "anything"
"""


def anything(task: object) -> torch.nn.Module:
    """Stand for a part that scoring never builds."""
    raise AssertionError


def backbone(source: Grid, target: Grid) -> torch.nn.Module:
    """Stand for a backbone that scoring never builds."""
    raise AssertionError


def add_badness(parts: Parts) -> None:
    parts.protocols.add("badness", badness)


def largest(*, share: Annotated[float, Doc("factor, no unit")] = 1.0):
    """Score by the largest error in HU."""

    def metric(truth: Tensor, prediction: Tensor, geometry: Geometry) -> float:
        return share * float((truth - prediction).abs().max())

    return metric


def badness() -> Protocol:
    """Score as no one else does: the error at the worst voxel of the run's window."""

    def rule(truth: Tensor, window: Window) -> Scorer:
        unit = window.to_unit(truth)
        return lambda p: {"badness": float((unit - window.to_unit(p)).abs().max()), "edge": 16.0}

    columns = (Column("badness", "worst voxel", "down", 3), Column("edge", "voxels", "?", 0))
    said = dict.fromkeys(("why", "psnr", "ssim", "rounding", "clipping"), "none")
    return Protocol(**said, span=1.0, peak=1.0, columns=columns, rule=rule, shown=("badness",))


@pytest.fixture
def parts(blocks, sums) -> Parts:
    parts = Parts()
    register(parts, "a stranger", "0", SimpleNamespace(repcat_register=hookimpl(add_badness)))
    for name, part in load_parts().protocols.parts.items():
        parts.protocols.add(name, part.factory)
    parts.datasets.add("blocks", blocks)
    parts.projectors.add("sums", lambda: sums)
    parts.metrics.add("largest", largest)
    parts.backbones.add("anything", backbone)
    for registry in (parts.mappers, parts.objectives):
        registry.add("anything", anything)
    return parts


@pytest.fixture
def make_run(blocks, tmp_path) -> Callable[..., Run]:
    """Return a maker of runs whose predictions are wrong by `error_hu` everywhere."""

    def make(error_hu: float = 30.0, volume: str = "window") -> Run:
        folder = tmp_path / "run"
        folder.mkdir()
        (folder / "recipe.toml").write_text(RECIPE.format(volume=volume), encoding="utf-8")
        run, patients = Run.open(folder), blocks()
        run.predictions("blocks").mkdir(parents=True)
        for name in patients.ids("test"):
            hu = patients.load(name).volume + error_hu
            save(run, patients, name, hu)
        return run

    return make


def save(run, patients, name, hu):
    """Save a volume with its record, as `repcat predict` does."""
    volume = run.predictions("blocks") / f"{name}.npy"
    np.save(volume, hu.numpy())
    PredictionRecord.of(patients, name, VIEWS, 6, "weights", volume).write(volume)


def test_a_run_is_scored_from_its_files_and_writes_a_csv_for_each_protocol(make_run, parts) -> None:
    run = make_run()
    tables = evaluate_run(run, parts, metrics=["largest"])
    assert sorted(p.name for p in run.metrics.glob("*.csv")) == [
        f"blocks.{name}.csv" for name in ("faithfulness", "seed2024", "standard", "x2ct2019")
    ]
    # 30 HU too many everywhere, of a window of 2000
    assert tables[0].values(MODEL, "body_psnr") == pytest.approx([20 * np.log10(2000 / 30)] * 3)
    assert tables[0].values(MODEL, "largest") == pytest.approx([30] * 3)


def test_a_strangers_protocol_scores_a_run_as_our_own_do(make_run, parts) -> None:
    run = make_run()
    table, _ = evaluate_run(run, parts, ["badness"])
    lines = (run.metrics / "blocks.badness.csv").read_text().splitlines()
    assert lines[0] == "id,method,badness,edge"
    assert table.values(MODEL, "badness") == pytest.approx([30 / 2000] * 3, rel=1e-4)
    assert "window -1000..1000 HU" in str(table.header)
    told = table.to_dict()["columns"]["badness"]
    assert told == {"heading": "worst voxel", "better": "down"}
    (ranked,) = run_tables([run.path], parts)
    assert headings(ranked) == ["row", "worst voxel ↓", "voxels", "worst voxel to best"]
    assert ranked.metrics[0].digits == 3


def test_a_run_without_predictions_says_what_to_type(make_run, parts) -> None:
    run = make_run()
    (run.predictions("blocks") / "p2.npy").unlink()
    with pytest.raises(RunError, match=f"'test': p2; run: repcat predict {run.path}\n"):
        evaluate_run(run, parts)


def test_a_model_that_knows_no_hu_is_placed_between_the_extremes_of_the_truth(
    make_run, parts, blocks
) -> None:
    run, patients = make_run(volume="minmax"), blocks()
    for name in patients.ids("test"):
        truth = patients.load(name).volume.float()
        unit = (truth - truth.min()) / (truth.max() - truth.min())
        save(run, patients, name, unit * 2000 - 1000)
    standard = evaluate_run(run, parts, ["standard"])[0]
    assert standard.summary(MODEL, "body_mae_hu").mean == pytest.approx(0, abs=1e-3)
    assert "the model knows no HU" in str(standard.header)


def test_metrics_of_the_recipe_are_scored_unasked_with_their_options(make_run, parts) -> None:
    run = make_run()
    with run.recipe_file.open("a") as recipe:
        recipe.write("[metrics.largest]\nshare = 0.5\n")
    for asked in ([], ["largest"]):
        standard = evaluate_run(run, parts, ["standard"], asked)[0]
        assert standard.values(MODEL, "largest") == pytest.approx([15] * 3)


@pytest.mark.parametrize(("says", "arrow"), [("down", " ↓"), ("up", " ↑"), ("lower", "")])
def test_a_metric_may_say_which_way_is_better(parts, monkeypatch, says, arrow) -> None:
    monkeypatch.setattr("repcat.scoring.metric_info.load_parts", lambda: parts)
    monkeypatch.setattr(largest, "better", says, raising=False)
    assert column("largest").arrow == f"largest{arrow}"


def test_a_wrong_metric_gets_the_nearest_name(make_run, parts) -> None:
    with pytest.raises(PartError, match="no metric is called 'larges'; did you mean 'largest'"):
        evaluate_run(make_run(), parts, metrics=["larges"])


def test_the_command_prints_tables_or_json(make_run, parts, monkeypatch) -> None:
    from repcat.commands.evaluate import evaluate

    monkeypatch.setattr("repcat.registry.plugins.load_parts", lambda: parts)
    run = make_run()
    app = typer.Typer()
    app.command()(evaluate)
    words = [str(run.path), "--protocol", "standard,seed2024"]
    text = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert "split test" in text
    assert "body PSNR dB" in text
    found = json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)
    assert [t["protocol"] for t in found["tables"]] == ["standard", "seed2024", "faithfulness"]
    assert found["tables"][0]["summary"]["mean volume"]["body_psnr"]["n"] == 3
