"""What `repcat bench train` times of a recipe."""

import pytest

from repcat.bench import train as room
from repcat.bench.found import Options
from repcat.bench.train import train
from repcat.errors import TrainingError

SMALL = ("backbone.channels = [4, 8]", "data.size = 16", "data.train = 2", "train.batch_size = 2")


def test_train_counts_turns_and_samples_and_keeps_the_losses():
    objective = 'objective = {use = "l2", inner_steps = 3}'
    settings = (*SMALL, objective, 'train.precision = "fp32"')
    found = train(Options(repeats=2, settings=settings))
    (timing,) = found.timings
    rates = timing.per_second
    assert rates["turns"] == pytest.approx(3 * rates["steps"])
    assert rates["samples"] == pytest.approx(2 * rates["turns"])
    assert {name: len(steps) for name, steps in found.losses.items()} == {"fp32": 4}


def test_a_precision_that_is_refused_is_told_beside_the_other(monkeypatch):
    begun = room._begun

    def only_fp32(options, precision):
        if precision == "bf16":
            raise TrainingError("not here", code="not-here")
        return begun(options, precision)

    monkeypatch.setattr(room, "_begun", only_fp32)
    found = train(Options(repeats=1, settings=SMALL))
    assert [t.name for t in found.timings] == ["fp32"] and found.refused == {"bf16": "not here"}
    with pytest.raises(TrainingError):
        train(Options(repeats=1, settings=(*SMALL, 'train.precision = "bf16"')))
