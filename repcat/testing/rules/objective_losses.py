"""Rules of an objective's losses, players and chance."""

from __future__ import annotations

from itertools import repeat

import torch
from torch import Tensor

from repcat.contracts import Objective
from repcat.rng import seeded
from repcat.testing.result import applies, check, rules_in
from repcat.testing.trial import ObjectiveTrial
from repcat.types import Batch


def is_an_objective_whose_players_are_its_own(trial: ObjectiveTrial) -> None:
    """It derives from Objective; each player is a child module with weights."""
    objective = trial.build()
    what = type(objective).__name__
    check(isinstance(objective, Objective), f"it builds a {what}: derive from repcat.Objective")
    for name in objective.players:
        child = dict(objective.named_children()).get(name)
        check(child is not None, f"player {name!r} is no child module: set self.{name} = ...")
        weights = list(child.parameters()) if child else []
        check(bool(weights), f"player {name!r} has no weights to train: take it out of players")


def gives_every_player_a_turn_and_nobody_else(trial: ObjectiveTrial) -> None:
    """The turns of a step name the model and each player, no other."""
    objective = trial.build()
    said, seen = {"model", *objective.players}, {t.player for t in trial.play(objective)}
    check(seen <= said, f"it has turns of {sorted(seen - said)}, which `players` does not name")
    check(said <= seen, f"a step has no turn of {sorted(said - seen)}: it would never be trained")


def gives_losses_that_move_the_player_they_name(trial: ObjectiveTrial) -> None:
    """Each loss is one finite number, with a gradient to some weight of its player."""
    objective, model = trial.build(), trial.model()
    for turn in objective.train().turns(model, repeat(trial.batch())):
        what = f"the loss of {turn.player!r}"
        check(turn.loss.ndim == 0, f"{what} has shape {tuple(turn.loss.shape)}: reduce it to one")
        check(bool(turn.loss.isfinite()), f"{what} is {turn.loss.item()} for patients in [0, 1]")
        player = model if turn.player == "model" else objective.get_submodule(turn.player)
        weights = [p for p in player.parameters() if p.requires_grad]
        cure = "is the prediction detached, or the player held fixed?"
        check(turn.loss.requires_grad and bool(weights), f"{what} has no gradient: {cure}")
        found = torch.autograd.grad(turn.loss, weights, allow_unused=True)
        real = [g for g in found if g is not None]
        check(any(bool(g.abs().sum() > 0) for g in real), f"{what} moves none of it: {cure}")
        check(all(bool(g.isfinite().all()) for g in real), f"{what} has an infinite gradient")


def logs_plain_numbers(trial: ObjectiveTrial) -> None:
    """What a turn logs goes into JSON: finite numbers, tensors of one, or functions giving them."""
    logs = [log for turn in trial.play(trial.build()) for log in turn.logs.items()]
    applies(bool(logs), "it logs nothing")
    for name, log in logs:
        value = log() if callable(log) else log
        what, one = f"log {name!r} is {value!r}", isinstance(value, int | float)
        if isinstance(value, Tensor):
            one = value.ndim == 0
            check(not value.requires_grad, f"{what}, with its whole graph: give x.detach()")
        check(one, f"{what}: give x.detach() of a tensor without axes, such as a mean")
        check(abs(float(value)) < float("inf"), f"{what}: a log is a finite number")


def is_a_function_of_its_seed(trial: ObjectiveTrial) -> None:
    """Two built from one seed have the same weights and the same losses."""
    found = []
    for _ in range(2):
        objective = trial.build()
        with seeded("turns"):
            losses = [t.loss.detach() for t in trial.play(objective)]
        found.append([*objective.state_dict().values(), *losses])
        torch.rand(3)  # history, which must not matter
    cure = "draw chance from torch's generator or repcat.seeded(task.seed, ...)"
    same = len(found[0]) == len(found[1]) and all(map(torch.equal, *found))
    check(same, f"two built from one seed differ: {cure}")


def says_whether_it_couples_patients(trial: ObjectiveTrial) -> None:
    """Where couples_batch is False, the loss of a batch is the mean over its patients; 1e-4."""
    applies(not trial.build().couples_batch, "it says couples_batch = True")
    batch = trial.batch()
    alone = [
        _losses(trial, Batch((one,), batch.xrays[n : n + 1], batch.views, batch.volume[n : n + 1]))
        for n, one in enumerate(batch.ids)
    ]
    for player, loss in _losses(trial, batch).items():
        mean = torch.stack([a[player] for a in alone]).mean()
        error = (loss - mean).abs() / loss.abs().clamp(min=1e-6)
        told = f"the loss of {player!r} for two patients is {loss:.6g}, the mean of theirs alone"
        cure = "take a mean over patients, or set couples_batch = True"
        check(bool(error <= 1e-4), f"{told} {mean:.6g}: {cure}")


def _losses(trial: ObjectiveTrial, batch: Batch) -> dict[str, Tensor]:
    """Return each player's first loss of a step on a batch."""
    found: dict[str, Tensor] = {}
    objective = trial.build()
    with seeded("turns"):
        for turn in objective.train().turns(trial.model().eval(), repeat(batch)):
            found.setdefault(turn.player, turn.loss.detach())
    return found


def refuses_sizes_that_it_cannot_take(trial: ObjectiveTrial) -> None:
    """A volume that does not fit is refused with PartError when it is built."""
    check(not trial.crash, trial.crash)


RULES = rules_in(__name__)
