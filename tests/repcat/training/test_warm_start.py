"""A run that begins with another's weights: what fits is taken, what does not is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from repcat import Mark, RepcatError, Request
from repcat.training import begin, fit


@pytest.fixture
def train(recipe_of, parts, tmp_path: Path):
    """Begin a run of some tables, and train it unless told; returns session and run."""

    def work(name: str, *, done: bool = True, warm: str = "", **tables: dict):
        (tmp_path / f"{name}.toml").write_text(recipe_of(**tables).to_toml())
        from_run = tmp_path / warm if warm else None
        words = (tmp_path / f"{name}.toml", tmp_path / name, (), "cpu", parts)
        session, run = begin.start(*words, warm=from_run)
        if done:
            fit.fit(session, run)
        return session, run

    return work


def test_it_predicts_what_the_other_run_predicts_and_keeps_that_as_step_0(train) -> None:
    first, _ = train("first", train={"ema": 0.5})
    second, run = train("second", warm="first", done=False, train={"ema": 0.9})
    for name, weight in second.network.named_parameters():
        assert first.average is not None and second.average is not None
        assert torch.equal(weight, first.average.weights[name])  # the average, which predicts
        assert torch.equal(second.average.weights[name], weight)
    assert run.steps() == [0] and second.step == 0
    told = run.provenance()["from"]
    assert (told["step"], told["left"]) == (4, [])
    assert told["taken"]["backbone"] == [len(second.network.backbone.state_dict())] * 2
    assert not second.players["model"].state()  # moments start afresh


def test_a_run_killed_before_its_first_checkpoint_resumes_with_the_others_weights(
    train, parts, tmp_path: Path
) -> None:
    train("first")
    train("second", warm="first", done=False)
    session, run = begin.resume(tmp_path / "second.toml", tmp_path / "second", (), "cpu", parts)
    fit.fit(session, run)
    unbroken, _ = train("third", warm="first")
    for name, weight in session.network.state_dict().items():
        assert torch.equal(weight, unbroken.network.state_dict()[name])


def test_what_does_not_fit_is_named_with_both_shapes(train) -> None:
    train("first", data={"views": [0.0, 90.0]})
    _, run = train("second", warm="first", done=False, data={"views": [0.0, 45.0, 90.0]})
    told = run.provenance()["from"]
    some, every = told["taken"]["backbone"]
    assert 0 < some < every == some + len(told["left"])
    assert all(
        " 2 x 3 x 3 x 3 there" in left and " 3 x 3 x 3 x 3 here" in left for left in told["left"]
    )


def test_a_player_of_the_objective_is_taken_too(train) -> None:
    rule = {"features": 2, "critic_width": 1, "critic_widest": 2, "inner_steps": 1}
    rule |= {"use": "sinkhorn_ot"}
    first, _ = train("first", objective=rule, data={"size": 24})
    second, run = train("second", warm="first", done=False, objective=rule, data={"size": 24})
    ours, theirs = (s.objective.potential.state_dict() for s in (second, first))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert run.provenance()["from"]["taken"]["potential"] == [len(theirs)] * 2


def test_a_run_of_which_nothing_fits_is_refused_and_nothing_is_written(train, tmp_path) -> None:
    train("first", mapper={"use": "encoder2d"}, backbone={"use": "autoencoder", "width": 2})
    with pytest.raises(RepcatError, match="none of its weights") as caught:
        train("second", warm="first")
    assert caught.value.code == "nothing-fits" and not (tmp_path / "second").exists()


@pytest.fixture
def known(parts) -> None:
    """Add blobs whose scans are known again by number; those from `first` on are trained on."""

    class Known(parts.datasets.get("blobs").factory):
        def __init__(self, request: Request, *, first: int = 0, tested: int = 60) -> None:
            super().__init__(request)
            self.first = {"train": first, "validation": 50, "test": tested}

        def marks(self, split: str) -> dict[str, Mark]:
            return {
                name: Mark(str(self.first[split] + n)) for n, name in enumerate(self.ids(split))
            }

    parts.datasets.add("known", Known)


@pytest.mark.usefixtures("known")
def test_weights_that_saw_a_test_patient_are_refused(train, tmp_path: Path) -> None:
    train("seen", data={"use": "known", "size": 16, "first": 60, "tested": 70})
    train("apart", data={"use": "known", "size": 16, "first": 10})
    with pytest.raises(RepcatError, match=r"in training and .* in test are the same"):
        train("second", warm="seen", data={"use": "known", "size": 16})
    assert not (tmp_path / "second").exists()
    train("second", warm="apart", data={"use": "known", "size": 16}, done=False)


@pytest.mark.usefixtures("known")
def test_where_the_other_dataset_is_gone_it_says_that_nobody_can_tell(train, parts) -> None:
    train("first", data={"use": "known", "size": 16})
    del parts.datasets.parts["known"]
    _, run = train("second", warm="first", done=False)
    assert "is not known" in run.provenance()["from"]["note"]
