"""Each fault is told once, with its cure, in a training that has it; the quickstart has none."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from repcat import Grid
from repcat.runs.run import Run
from repcat.training import begin, fit
from repcat.training.faults import Watch, faults_of, last_numbers
from repcat_plugins.objectives.sinkhorn_ot import SinkhornOT


class Constant(nn.Module):
    """One volume for every patient: `level`, which learns."""

    def __init__(self, source: Grid, target: Grid, level: float = 0.5) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.tensor(level))

    def forward(self, x: Tensor) -> Tensor:
        return self.level.expand(len(x), 1, *x.shape[2:])


def constant(source: Grid, target: Grid, *, level: float = 0.5) -> nn.Module:
    """Build a network that does not look."""
    return Constant(source, target, level)


class Brighter(Constant):
    def forward(self, x: Tensor) -> Tensor:
        return x[:, :1] * self.level


def brighter(source: Grid, target: Grid) -> nn.Module:
    """Build a network that returns its first view, too bright."""
    return Brighter(source, target, 0.9)


@pytest.fixture
def said(recipe_of, parts, tmp_path: Path):
    """Train by some tables; returns what was said, and the run."""
    parts.backbones.add("constant", constant)
    parts.backbones.add("brighter", brighter)

    def work(**tables: dict) -> tuple[list[str], Run]:
        steps = {"steps": 4, "save_every": 4, "validate_every": 2} | tables.pop("train", {})
        recipe = recipe_of(train=steps, optim={"lr": 1e-6}, **tables)
        (tmp_path / "recipe.toml").write_text(recipe.to_toml())
        lines: list[str] = []
        session, run = begin.start(tmp_path / "recipe.toml", tmp_path / "run", (), "cpu", parts)
        fit.fit(session, run, say=lines.append)
        return [line for line in lines if "cure:" in line], run

    return work


def test_outputs_that_are_alike_for_all_patients(said) -> None:
    lines, run = said(backbone={"use": "constant"})
    (alike,) = [line for line in lines if "alike" in line]  # told at step 2, not again at 4
    assert alike.startswith("step 2: outputs are alike for all patients: 0.000 of the variance")
    assert "cure: more train.steps" in alike and "docs/messages.md#training-goes-wrong" in alike
    assert dict(faults_of(last_numbers(run.records()), None)).keys() >= {"alike"}


def test_a_grey_scale_that_is_off_and_the_objectives_own_cure(said) -> None:
    lines, run = said(backbone={"use": "brighter"})
    (line,) = lines
    numbers = last_numbers(run.records())
    assert (bias := numbers["validation_body_bias_hu"]) > 100
    assert f"{bias:+.0f} HU out on average" in line
    told = dict(faults_of(numbers, SinkhornOT))
    assert "cure: objective.normalise = false" in told["grey-scale"]


@pytest.mark.parametrize(
    ("slope", "contrast", "told"),
    [(0.7, 1.3, True), (0.78, 1.08, False), (1.0, 0.6, False), (1.5, 0.6, True)],
)
def test_contrasts_too_large_or_too_small_are_a_grey_scale_that_is_off(
    slope: float, contrast: float, told: bool
) -> None:
    numbers = {"validation_body_bias_hu": 99.0, "validation_calibration_slope": slope}
    numbers["validation_contrast_ratio"] = contrast
    lines = [line for _, line in faults_of(numbers, None)]
    assert told == any(f"are {contrast:.2f} times the truth's" in line for line in lines)


def test_a_potential_that_runs_away(said) -> None:
    rule = {"features": 2, "critic_width": 1, "critic_widest": 2, "inner_steps": 1}
    rule |= {"use": "sinkhorn_ot", "potential_weight": 1e7}
    lines, _ = said(objective=rule, data={"size": 24})
    (line,) = [line for line in lines if "potential runs away" in line]
    assert "times as hard on the predictions as the cost" in line
    assert "cure: objective.gradient_penalty = 1" in line
    rule["potential_weight"] = 0.1
    assert not list(SinkhornOT.faults[0].says({"cost_pull": 2.0, "score_pull": 1.0}))


def test_a_fault_is_told_again_only_after_it_was_gone() -> None:
    watch, bad, good = Watch(), {"validation_variance_ratio": 0.0}, {"validation_psnr": 20.0}
    told = [len(watch.news(numbers, None)) for numbers in (bad, bad, good, bad)]
    assert told == [1, 0, 0, 1]


def test_a_log_of_before_tells_nothing() -> None:
    assert not list(faults_of({"step": 4, "mse": 0.1, "validation_psnr": 9.0}, SinkhornOT))
