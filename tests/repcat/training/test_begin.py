"""What a run records of its arithmetic when it begins and at each resume, and sets again."""

import pytest
import torch

from repcat.arithmetic import Arithmetic, default_threads, kept_arithmetic
from repcat.errors import RunError
from repcat.runs.provenance import elsewhere
from repcat.training import begin
from repcat.training.fit import train


@pytest.fixture(autouse=True)
def _arithmetic_is_put_back():
    with kept_arithmetic():
        yield


def nothing(*_):
    pass


@pytest.fixture
def trained(recipe_of, parts, tmp_path):
    """Return a trainer of a small recipe to a step, resumed where it has begun."""

    def make(name, steps, *, resume=False, threads=0, **arithmetic):
        file = tmp_path / f"{name}-{steps}.toml"
        file.write_text(recipe_of(train={"steps": steps, "threads": threads}).to_toml())
        how = Arithmetic.chosen(**arithmetic) if arithmetic else None
        go = begin.resume if resume else begin.start
        session, run = go(file, tmp_path / name, [], "cpu", parts, how)
        train(session, nothing, run.save, nothing)
        return session, run

    return make


def assert_equal_bits(one, other):
    for name, table in one.tensors.items():
        assert all(torch.equal(t, other.tensors[name][k]) for k, t in table.items()), name


def test_a_resume_sets_the_threads_that_the_run_began_with(trained):
    more = default_threads() + 1
    whole, _ = trained("whole", 4, threads=0)
    trained("cut", 2)
    torch.set_num_threads(more)  # another machine
    resumed, run = trained("cut", 4, resume=True)
    assert torch.get_num_threads() == default_threads() == run.provenance()["threads"]
    assert_equal_bits(resumed.state(), whole.state())


def test_the_recipes_threads_go_before_the_machines_and_are_recorded(trained):
    more = default_threads() + 1
    _, run = trained("run", 2, threads=more)
    assert torch.get_num_threads() == more == run.provenance()["threads"]
    assert elsewhere(run.provenance()) == []
    _, run = trained("run", 4, threads=more, resume=True)
    assert f"threads: {more}, as when it began" in elsewhere(run.provenance())[0]


def test_each_resume_leaves_a_record(trained):
    trained("run", 2)
    trained("run", 4, resume=True)
    _, run = trained("run", 6, resume=True)
    trained("run", 6, resume=True)  # nothing was left to do
    records = run.provenance()["resumes"]
    assert [(r["step"], r["steps"]) for r in records] == [(2, 4), (4, 6)]
    assert {"when", "command", "versions", "code", "commit", "device", "threads"} <= set(records[0])
    assert run.provenance()["dataset"] == "blobs" and elsewhere(run.provenance()) == []


def test_a_resume_under_other_versions_says_so_in_one_line(trained):
    _, run = trained("run", 2)
    told = run.provenance()
    told["versions"]["numpy"] = "1.0"
    run.write_provenance(told)
    _, run = trained("run", 4, resume=True)
    (line,) = elsewhere(run.provenance())
    assert "numpy 1.0 -> " in line and "bits may differ" in line


def test_deterministic_gives_the_same_bits_twice_and_holds_after_a_resume(trained):
    one, run = trained("one", 4, deterministic=True)
    assert run.provenance()["deterministic"] is True
    Arithmetic.chosen().set()
    trained("two", 2, deterministic=True)
    Arithmetic.chosen().set()
    two, _ = trained("two", 4, resume=True)
    assert torch.are_deterministic_algorithms_enabled()
    assert_equal_bits(two.state(), one.state())


def test_a_run_that_began_without_cannot_become_deterministic(trained):
    trained("run", 2)
    with pytest.raises(RunError, match="code: not-begun-deterministic"):
        trained("run", 4, resume=True, deterministic=True)
