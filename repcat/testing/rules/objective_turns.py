"""Rules of an objective's turns: what it must leave as it was at each yield."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import repeat

import torch
from torch import Tensor, nn

from repcat.testing.result import applies, check, rules_in
from repcat.testing.trial import ObjectiveTrial


def never_yields_inside_a_with(trial: ObjectiveTrial) -> None:
    """Grad mode and autocast are at each yield as they were, and no `with` is open in its text."""
    for half in (False, True):
        objective, model = trial.build(), trial.model()
        steps = objective.train().turns(model, repeat(trial.batch()))
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            before = _modes()
            for _ in steps:
                changed = sorted(k for k, v in _modes().items() if v != before[k])
                check(not changed, f"at a yield {changed[0] if changed else ''} is changed: {CURE}")
    line = _yield_in_with(type(trial.build()).turns)
    check(line is None, f"turns yields inside a `with`, line {line} of it: {CURE}")


CURE = "close every `with` before the yield, or it holds for the trainer too"


def _modes() -> dict[str, object]:
    return {
        "grad mode": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "autocast's type": torch.get_autocast_dtype("cpu"),
        "the default type": torch.get_default_dtype(),
    }


def _yield_in_with(function: object) -> int | None:
    """Return the line of a `yield` under a `with` in a function's source, None if there is none."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))  # type: ignore[arg-type]
    except (OSError, TypeError, SyntaxError):
        return None
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.With | ast.AsyncWith)]
    inside = (node for block in blocks for node in ast.walk(block))
    return next((n.lineno for n in inside if isinstance(n, ast.Yield | ast.YieldFrom)), None)


def moves_no_weight_itself(trial: ObjectiveTrial) -> None:
    """Weights move in the trainer alone: the player that a turn names, between two yields."""
    objective, model = trial.build(), trial.model()
    modules = nn.ModuleDict({"model": model, "objective": objective})
    before = {n: (p.detach().clone(), p.requires_grad) for n, p in modules.named_parameters()}
    for turn in objective.train().turns(model, repeat(trial.batch())):
        _check_unmoved(before, modules, f"up to the turn of {turn.player!r}")
    _check_unmoved(before, modules, "after the last turn")


def _check_unmoved(before: dict[str, tuple[Tensor, bool]], modules: nn.Module, when: str) -> None:
    for name, weight in modules.named_parameters():
        value, asked = before[name]
        cure = "yield a Turn, the trainer takes the step"
        check(torch.equal(value, weight.detach()), f"it changes {name} itself {when}: {cure}")
        found = weight.requires_grad
        told = f"it leaves {name} with requires_grad = {found} {when}: put it back before the yield"
        check(found == asked, told)


def takes_its_state_back(trial: ObjectiveTrial) -> None:
    """Its state_dict, loaded into one whose weights are others, makes that the same."""
    one, other = trial.build(), trial.build()
    applies(bool(one.state_dict()), "it has no state")
    with torch.no_grad():
        for weight in other.parameters():
            weight.add_(1)
    other.load_state_dict({k: v.clone() for k, v in one.state_dict().items()})
    losses = []
    for objective in (one, other):
        torch.manual_seed(0)
        losses.append([t.loss.detach() for t in trial.play(objective)])
    same = all(map(torch.equal, *losses))
    check(same, "its state_dict does not bring it back: keep what it needs in parameters, buffers")


RULES = rules_in(__name__)
