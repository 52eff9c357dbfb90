from __future__ import annotations

import torch

from repcat import Batch, Grid, Prediction, Task, View, preset
from repcat_plugins.objectives.l1 import L1


def test_a_constant_shift_costs_itself() -> None:
    geometry = preset("parallel", size=4, cube_mm=320.0)
    task = Task((View(0.0),), Grid(1, (4, 4)), Grid(1, (4, 4, 4)), geometry)
    batch = Batch(("a", "b"), torch.rand(2, 1, 4, 4), task.views, torch.full((2, 1, 4, 4, 4), 0.25))
    turns = list(L1(task).turns(lambda b: Prediction(b.volume - 0.5), iter([batch])))
    assert [turn.player for turn in turns] == ["model"]
    assert turns[0].loss.item() == 0.5
    assert turns[0].numbers() == {"model": 0.5, "mae": 0.5}


def test_inner_steps_are_turns_on_batches_of_their_own() -> None:
    geometry = preset("parallel", size=4, cube_mm=320.0)
    task = Task((View(0.0),), Grid(1, (4, 4)), Grid(1, (4, 4, 4)), geometry)
    batches = [
        Batch((name,), torch.rand(1, 1, 4, 4), task.views, torch.rand(1, 1, 4, 4, 4))
        for name in "abc"
    ]
    seen = []

    def model(batch: Batch) -> Prediction:
        seen.append(batch.ids[0])
        return Prediction(batch.volume)

    assert len(list(L1(task, inner_steps=2).turns(model, iter(batches)))) == 2
    assert seen == ["a", "b"]
