"""A training that is stopped, or killed after its last checkpoint, ends as an unbroken one does."""

import json
import signal

import pytest

from repcat.errors import RunError, Stopped
from repcat.runs.run import Run
from repcat.training import begin, fit
from repcat.training.session import Session

WHOLE = {}
MACHINE = ("seconds", "samples_per_s", "memory_gb")


@pytest.fixture
def train(recipe_of, parts, tmp_path):
    """Train a run of 6 steps, from where it is; gives session and run."""
    options = {"steps": 6, "save_every": 2, "validate_every": 3, "keep": 2, "ema": 0.5}
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_of(train=options).to_toml())

    def work(name="cut", *settings):
        out = tmp_path / name / "run"
        go_on = begin.resume if Run(out).recipe_file.exists() else begin.start
        session, run = go_on(file, out, settings, "cpu", parts)
        fit.fit(session, run)
        return session, run

    return work


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "cut" / "run")


# Files that tell when; records of resumes have tests of their own.
OF_A_TIME = ("log.jsonl", "provenance.json")


def tree(run):
    """Return all that a run holds, but for what is the machine's."""
    files = {p.relative_to(run.path): p for p in run.path.rglob("*") if p.is_file()}
    found = {str(n): p.read_bytes() for n, p in files.items() if p.name not in OF_A_TIME}
    del found["SHA256SUMS"]  # of recipe.toml, which is compared, and of provenance.json
    found["log"] = [{k: v for k, v in r.items() if k not in MACHINE} for r in run.records()]
    return found


@pytest.fixture
def whole(train):
    """Return what an unbroken run holds, made once."""
    if not WHOLE:
        WHOLE.update(tree(train("whole")[1]))
    return WHOLE


def on_call(monkeypatch, owner, name, count, act):
    """Do something in the `count`-th call of a function."""
    old, calls = getattr(owner, name), []

    def replaced(*words, **named):
        calls.append(name)
        if len(calls) == count:
            act()
        return old(*words, **named)

    monkeypatch.setattr(owner, name, replaced)


def raising(number, times=1):
    return lambda: [signal.raise_signal(number) for _ in range(times)]


@pytest.mark.parametrize(
    ("number", "name", "count", "step"),
    [
        (signal.SIGTERM, "run_step", 5, 5),
        (signal.SIGINT, "__call__", 4, 3),  # in the validation of step 3, which saves none
        (signal.SIGTERM, "__call__", 9, 6),  # in the last
    ],
)
def test_a_stopped_training_saves_and_goes_on_to_the_same_bits(
    train, whole, run, monkeypatch, number, name, count, step
):
    with monkeypatch.context() as patch, pytest.raises(Stopped) as stop:
        on_call(patch, Session, name, count, raising(number))
        train()
    assert stop.value.code == 128 + number and f"saved at step {step}" in stop.value.said
    assert run.steps()[-1] == step
    before = run.records()[-1]["seconds"]
    train()
    assert tree(run) == whole
    seconds = [r["seconds"] for r in run.records()]  # once they began anew with each resume
    assert seconds == sorted(seconds) and seconds[-1] > before > 0


def test_a_training_stopped_twice_between_two_checkpoints_keeps_no_more_than_an_unbroken_one(
    train, run, monkeypatch
):
    more = "train = {save_every = 6, validate_every = 0}"
    for step in (1, 2, 5):
        with monkeypatch.context() as patch, pytest.raises(Stopped):
            on_call(patch, Session, "run_step", step - (run.steps() or [0])[-1], raising(15))
            train("cut", more)
        assert run.steps() == [step]
    train("cut", more)
    assert run.steps() == [6]


@pytest.mark.parametrize(("number", "ended"), [(15, Stopped), (2, KeyboardInterrupt)])
def test_a_second_signal_ends_at_once(train, run, monkeypatch, number, ended):
    on_call(monkeypatch, Session, "run_step", 3, raising(number, 2))
    with pytest.raises(ended):
        train()
    assert run.steps() == [2]


class Killed(BaseException):
    pass


def die():
    raise Killed


@pytest.mark.parametrize(
    ("owner", "name", "count"),
    [
        (fit, "validate", 2),
        (Run, "log", 8),  # the last validation's line
        (fit, "fit_reference", 1),
    ],
)
def test_a_run_killed_between_its_last_checkpoint_and_its_end_is_finished(
    train, whole, run, monkeypatch, owner, name, count
):
    with monkeypatch.context() as patch, pytest.raises(Killed):
        on_call(patch, owner, name, count, die)
        train()
    assert run.steps()[-1] == 6 and not (run.path / "film.safetensors").exists()
    session, _ = train()
    assert fit.is_finished(session, run)
    assert tree(run) == whole


def test_how_patients_are_loaded_may_change_and_nothing_else(train, run):
    train("cut", "train.steps = 1")
    train("cut", "data.cache_gb = 0.5", "train.workers = 1", "train.steps = 1")
    with pytest.raises(
        RunError, match=r"change train\.steps, train\.workers, data\.cache_gb alone"
    ):
        train("cut", "optim.lr = 0.5")


def test_a_run_without_a_checkpoint_is_begun_anew_by_any_recipe(train, run, parts, tmp_path):
    for settings in ((), ("optim.lr = 0.5",)):
        begin.start(tmp_path / "recipe.toml", run.path, settings, "cpu", parts)
        run.log({"step": 1, "model": 0.0})
    begin.start(tmp_path / "recipe.toml", run.path, (), "cpu", parts)
    assert run.records() == [] and run.recipe(parts).optim.lr == 1e-2
    assert json.loads((run.path / "provenance.json").read_text())["dataset"] == "blobs"
    train()
    with pytest.raises(RunError, match="code: run-taken"):
        begin.start(tmp_path / "recipe.toml", run.path, (), "cpu", parts)
