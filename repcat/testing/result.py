"""Result of a rule: a rule raises when a part breaks it, a verdict is what came of it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from repcat.rng import seeded

Rule = Callable[[Any], None]
State = Literal["ok", "fails", "does not apply"]


class DoesNotApply(Exception):  # noqa: N818  (no error: the rule is about other parts)
    """The rule says nothing about this part; the message says why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a rule: `why` is empty where it holds."""

    rule: str
    state: State
    why: str = ""
    error: BaseException | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        head = "FAILS" if self.state == "fails" else self.state
        return f"{head}: {self.rule}" + (f": {self.why}" if self.why else "")


def check(fact: bool, why: str) -> None:
    """Raise AssertionError with a sentence unless a fact holds."""
    if not fact:
        raise AssertionError(why)


def applies(fact: bool, why: str) -> None:
    """Raise DoesNotApply with a reason unless a fact holds."""
    if not fact:
        raise DoesNotApply(why)


def rules_in(module: str) -> tuple[Rule, ...]:
    """Return a module's rules in their order: its own public functions of `trial` alone."""
    functions = [f for f in vars(sys.modules[module]).values() if inspect.isfunction(f)]
    own = [f for f in functions if f.__module__ == module and not f.__name__.startswith("_")]
    return tuple(f for f in own if [*inspect.signature(f).parameters] == ["trial"])


def judge(rules: Sequence[Rule], trial: object) -> list[Verdict]:
    """Try a part by every rule; one that fails does not hide the others."""
    return [_judge(rule, trial) for rule in rules]


def _judge(rule: Rule, trial: object) -> Verdict:
    name = rule.__name__.replace("_", " ")
    try:
        with seeded("check", name):
            rule(trial)
    except DoesNotApply as reason:
        return Verdict(name, "does not apply", one_line(reason))
    except AssertionError as error:
        return Verdict(name, "fails", one_line(error) or "an assertion of the part's own", error)
    except Exception as error:  # noqa: BLE001  (a stranger's code: say what it raised, go on)
        return Verdict(name, "fails", f"{type(error).__name__}: {one_line(error)}", error)
    return Verdict(name, "ok")


def one_line(error: BaseException) -> str:
    """Return an error's text without line breaks, its beginning if it is long."""
    text = " ".join(str(error).split())
    return text if len(text) <= 400 else f"{text[:400]} ..."


def check_all(verdicts: Sequence[Verdict]) -> None:
    """Raise AssertionError with a line for each rule that is broken."""
    broken = [v for v in verdicts if v.state == "fails"]
    if broken:
        lines = "\n".join(f"  {v}" for v in broken)
        msg = f"{len(broken)} of {len(verdicts)} rules are broken:\n{lines}"
        raise AssertionError(msg) from broken[0].error
