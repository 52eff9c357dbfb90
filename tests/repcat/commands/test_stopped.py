"""Commands that are stopped, killed, or begun twice: real processes, real signals."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from repcat.io.lock import LOCK
from repcat.io.writer import WRITER
from repcat.runs.run import Run

LONG = ("--set", "train = {steps = 100000, save_every = 1000, validate_every = 0}")


@pytest.fixture
def training(started, recipe, tmp_path):
    """Start a training that would take hours, and wait for its first steps."""

    def begin(*words):
        one = started("train", recipe, "--out", "run", *LONG, "--device", "cpu", *words)
        return one.after(lambda: len(Run(tmp_path / "run").records()) > 3)

    return begin


@pytest.mark.parametrize(
    ("number", "code", "group", "workers"),
    [
        (signal.SIGTERM, 143, True, 2),  # as schedulers send it, to all processes
        (signal.SIGINT, 130, False, 0),
    ],
)
def test_a_training_that_is_stopped_saves_says_so_and_leaves_by_its_signal(
    training, tmp_path, number, code, group, workers
):
    one = training("--set", f"train.workers = {workers}")
    one.send(number, group)
    left, said = one.wait()
    last = said.splitlines()[-1]
    assert left == code and "Traceback" not in said, said
    (step,) = Run(tmp_path / "run").steps()
    assert f"run is saved at step {step}, the same command goes on (train: with --resume)" in last
    assert Run(tmp_path / "run").records()[-1]["step"] >= step
    assert not any((tmp_path / "run" / name).exists() for name in (LOCK, WRITER))


def test_of_two_trainings_in_one_folder_the_second_is_told_who_has_it(
    training, started, recipe, tmp_path
):
    first = training()
    for words in (("--resume",), ()):
        code, said = started("train", recipe, "--out", "run", *LONG, *words).wait()
        assert code == 2 and said.count("\n") == 1
        assert f"run is being written by process {first.process} on " in said
        assert "`repcat train " in said and "wait for it or stop it" in said
    records = Run(tmp_path / "run").records()
    assert len({r["step"] for r in records if "model" in r}) == sum("model" in r for r in records)


def test_what_a_signal_ended_can_be_resumed_at_once(training, started, recipe, tmp_path):
    one = training()
    one.send(signal.SIGTERM)
    other = started("train", recipe, "--out", "run", *LONG, "--resume")
    assert one.wait()[0] == 143
    step = Run(tmp_path / "run").steps()[-1]
    other.after(lambda: Run(tmp_path / "run").records()[-1]["step"] > step + 3)


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_predictions_are_written_or_scored_by_one_and_a_training_beside_is_no_matter(
    repcat, trained, told, command
):
    assert repcat("predict", "run", "--pictures", 0)[0] == 0
    folders = (trained, trained / "predictions" / "phantoms")
    for folder, refused in zip(folders, (False, True), strict=True):
        with other_writer(folder):
            result = repcat(command, "run")
        if refused:
            told(result, "run/predictions/phantoms is being written by process")
        else:
            assert result[0] == 0, result


@contextmanager
def other_writer(folder):
    """Hold a folder in another process."""
    hold = "import sys; from pathlib import Path; from repcat.io.lock import one_writer\n"
    hold += "with one_writer(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold, str(folder)], **pipes) as process:
        process.stdout.readline()
        yield
        process.stdin.close()


def workers_of(process):
    children = Path(f"/proc/{process}/task/{process}/children")
    return [int(word) for word in children.read_text().split()]


def test_a_loader_worker_killed_for_memory_is_one_line(training):
    one = training("--set", "train.workers = 2")
    os.kill(workers_of(one.process)[0], signal.SIGKILL)
    code, said = one.wait()
    assert code == 2 and "Traceback" not in said
    assert said.splitlines()[-1].startswith("error: a worker that loads patients was killed")


def test_loader_workers_do_not_outlive_a_killed_training(training):
    one = training("--set", "train.workers = 2")
    workers = workers_of(one.process)
    assert len(workers) == 2
    one.send(signal.SIGKILL)
    one.wait()
    until = time.monotonic() + 3
    while any(Path(f"/proc/{worker}/fd/0").exists() for worker in workers):
        assert time.monotonic() < until


def test_sigterm_ends_any_command_in_one_line(started, trained_once, tmp_path):
    many = trained_once.parent / "run" / "recipe.toml"
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.toml").write_text(many.read_text().replace("test = 2", "test = 5000"))
    (run / "checkpoints").symlink_to(trained_once / "checkpoints")
    one = started("predict", "run", "--pictures", 0)
    one.after(lambda: any((run / "predictions").rglob("*.npy"))).send(signal.SIGTERM)
    code, said = one.wait()
    assert code == 143 and "Traceback" not in said
    assert said.splitlines()[-1].startswith("error: stopped; what is written is whole")
    assert not list(run.rglob(".*"))
