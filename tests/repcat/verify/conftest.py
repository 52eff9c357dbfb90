"""A run with predictions and scores, to be made again or broken."""

from collections.abc import Callable
from pathlib import Path

import pytest

from repcat.arithmetic import kept_arithmetic
from repcat.inference.job import open_job, write_all
from repcat.runs.run import Run
from repcat.scoring.evaluate import evaluate_run
from repcat.training.begin import start
from repcat.training.fit import train


def nothing(*_):
    pass


@pytest.fixture(autouse=True)
def _arithmetic_is_put_back():
    with kept_arithmetic():
        yield


@pytest.fixture
def scored(recipe_of: Callable, parts, tmp_path: Path, monkeypatch) -> Run:
    """Train two patients for four steps, predict, score."""
    monkeypatch.setattr("repcat.inference.job.load_parts", lambda: parts)
    file = tmp_path / "r.toml"
    file.write_text(recipe_of(train={"ema": 0.5}).to_toml())
    session, run = start(file, tmp_path / "run", [], "cpu", parts)

    def log(step, numbers):
        run.log({"step": step + 1, **numbers})

    train(session, log, run.save, nothing)
    assert list(write_all(open_job(run.path, None, "test", None, "cpu")))
    evaluate_run(run, parts)
    return run
