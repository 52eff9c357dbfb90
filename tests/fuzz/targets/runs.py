"""Readers of a run: log, provenance, checkpoints, scores, what its training X-rays were like."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

import torch

from repcat.config.load import read
from repcat.data.loader import PatientCache
from repcat.errors import RepcatError
from repcat.figures.training_curves import charts, courses, draw
from repcat.models.build import open_patients
from repcat.radiographs.training_reference import FILE, fit_reference, read_reference
from repcat.registry.plugins import load_parts
from repcat.report.pages.run import provenance
from repcat.runs import provenance as told
from repcat.runs.checkpoint import STATE, State
from repcat.runs.run import Run
from repcat.studies.run_figures import course, figure_of, read_methods
from tests.fuzz.target import Read, target
from tests.fuzz.targets.recipes import RECIPE


def write_run(folder: Path) -> Run:
    """Write a run of two steps without training it."""
    folder.mkdir(parents=True)
    base = folder / "base.toml"
    base.write_bytes(RECIPE)
    run = Run.create(
        folder / "run", read(base, parts=load_parts()), told.provenance("d", "h", "cpu")
    )
    for step in (2, 4):
        values = {"step": step, "drawn": 8, "turns": {"model": step}, "dataset": "h"}
        run.save(step, State({"network": {"w": torch.arange(3.0)}}, values))
        run.log({"step": step, "loss": 0.5, "seconds": 1.0, "validation_psnr": 20.0})
    return run


@target("log.jsonl", 'step loss seconds {"step":3} null [1] NaN Infinity validation_psnr 1e999')
def log(folder: Path) -> tuple[Sequence[bytes], Read]:
    """What a training logged."""
    run = write_run(folder / "x")

    def once(data: bytes) -> None:
        run.log_file.write_bytes(data)
        courses(run.records())
        course(run)
        run.forget_after(2)

    plain = b'{"step": 2, "loss": 0.5}\n{"step": 4, "validation_psnr": NaN}\n'  # as before 0.2
    return [run.log_file.read_bytes(), plain], once


@target(
    "log-curves", 'step loss {"step":3} null NaN Infinity \\ud800 $x^2$ <b> 1e308 -1e308', 0.005
)
def curves(folder: Path) -> tuple[Sequence[bytes], Read]:
    """What a training logged, drawn."""
    run = write_run(folder / "x")

    def once(data: bytes) -> None:
        run.log_file.write_bytes(data)
        found = courses(run.records())
        charts(found)
        if found:
            draw(folder / "a.png", {"run": found})

    return [b'{"step": 2, "loss": 0.5}\n{"step": 4, "loss": 0.1, "validation_psnr": 9}\n'], once


@target(
    "provenance.json", "note command versions plugins commit dataset dataset_hash device null [] {}"
)
def provenance_json(folder: Path) -> tuple[Sequence[bytes], Read]:
    """How a run was made, as `report` shows it."""
    run, parts = write_run(folder / "x"), load_parts()
    file = run.path / "provenance.json"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        provenance(run, parts)

    return [file.read_bytes()], once


@target("state.json", "step drawn turns dataset files network null [] {} 1e400 -1")
def state(folder: Path) -> tuple[Sequence[bytes], Read]:
    """What a checkpoint says beside its tensors."""
    run = write_run(folder / "x")
    file = run.checkpoint(4) / STATE

    def once(data: bytes) -> None:
        file.write_bytes(data)
        run.values(4)
        run.steps()
        run.load(4)

    return [file.read_bytes()], once


@target("checkpoint", "dtype shape data_offsets F32 w __metadata__")
def checkpoint(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A checkpoint's tensors."""
    run = write_run(folder / "x")
    file = run.checkpoint(4) / "network.safetensors"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        run.load(4)

    return [file.read_bytes()], once


@target("scores", 'id method psnr ssim model mean nan inf , " 1e400 step')
def scores(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A table of scores."""
    run = write_run(folder / "x")
    run.metrics.mkdir()
    file = run.metrics / "d.standard.csv"
    of_steps = run.metrics / "d.convergence.csv"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        of_steps.write_bytes(data)
        for use in (lambda: figure_of(file, "psnr"), lambda: course(run)):
            with contextlib.suppress(RepcatError):
                use()
        read_methods(file)

    rows = b"id,method,psnr,ssim\np0,model,20.1,0.7\np1,model,21,0.71\np0,mean,10,0.1\n"
    steps = b"id,method,body_psnr,ssim,peak\np0,step 2,20,.7,1\np0,step 4,21,.8,1\n"
    return [rows, steps], once


@target(
    "film.safetensors", "geometry dataset templates means bases limits percentiles mu repcat cone"
)
def reference(folder: Path) -> tuple[Sequence[bytes], Read]:
    """What a run's training X-rays are like."""
    (folder / "base.toml").write_bytes(RECIPE)
    recipe = read(folder / "base.toml", parts=load_parts())
    patients = open_patients(recipe, load_parts(), None)
    fit_reference(PatientCache(patients, recipe)).write(folder)
    file = folder / FILE

    def once(data: bytes) -> None:
        file.write_bytes(data)
        read_reference(folder, recipe.views)

    return [file.read_bytes()], once


@target("run-recipe", "use size = [data] [train] steps")
def run_recipe(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The recipe of a run, beside a damaged provenance."""
    run, parts = write_run(folder / "x"), load_parts()
    made = run.path / "provenance.json"
    facts = json.loads(made.read_text("utf-8"))
    made.write_text(json.dumps({**facts, "plugins": {"gone": "1"}}), encoding="utf-8")

    def once(data: bytes) -> None:
        run.recipe_file.write_bytes(data)
        run.recipe(parts)

    return [run.recipe_file.read_bytes()], once
