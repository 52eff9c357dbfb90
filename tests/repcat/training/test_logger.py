"""What a run tells while it trains."""

import pytest

from repcat.models.build import open_patients
from repcat.runs.run import Run
from repcat.training.logger import Logger
from repcat.training.session import Session


def session_of(recipe, parts):
    return Session(recipe, open_patients(recipe, parts), parts, "cpu")


def test_every_nth_step_is_logged_and_the_last(recipe_of, parts, tmp_path):
    session = session_of(recipe_of(train={"steps": 5, "log_every": 2}), parts)
    run = Run(tmp_path)
    with Logger(session, run) as logger:
        for step in range(5):
            logger.log(step, session.run_step(session.is_told))
    records = run.records()
    assert [r["step"] for r in records] == [2, 4, 5]
    assert {"model", "mse", "samples_per_s", "memory_gb", "seconds"} <= records[0].keys()
    assert "samples/s" in logger.note


def test_tensorboard_gets_the_same_numbers(recipe_of, parts, tmp_path):
    pytest.importorskip("tensorboard", reason="the extra 'tensorboard' is not installed")
    session = session_of(recipe_of(train={"steps": 1, "tensorboard": True}), parts)
    with Logger(session, Run(tmp_path)) as logger:
        logger.log(0, {"mse": 1.0})
    assert list((tmp_path / "tensorboard").glob("events.out.*"))
