from __future__ import annotations

import torch

from repcat import Turn


def test_a_turn_tells_its_loss_and_its_logs_as_plain_numbers() -> None:
    loss = torch.tensor(0.5, requires_grad=True)
    logs = {"plain": 1.5, "tensor": torch.tensor(2.0), "late": lambda: torch.tensor(3.0)}
    told = Turn("model", loss, {**logs, "late and plain": lambda: 4.0}).numbers()
    assert told == {"model": 0.5, "plain": 1.5, "tensor": 2.0, "late": 3.0, "late and plain": 4.0}
    assert {type(number) for number in told.values()} == {float}


def test_a_function_is_not_called_until_the_numbers_are_asked_for() -> None:
    calls = []
    turn = Turn("model", torch.tensor(0.0), {"late": lambda: calls.append(0) or 1.0})
    assert not calls
    assert [turn.numbers()["late"] for _ in range(2)] == [1.0, 1.0]
    assert len(calls) == 2
