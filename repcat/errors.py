"""Errors that are the user's to cure; anything else is a bug and keeps its traceback."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import Repr


def cut(text: str, most: int = 200) -> str:
    """Leave out the middle of a text that is longer than `most`, saying how much."""
    if len(text) <= most:
        return text
    head, tail = most * 2 // 3, most // 3
    return f"{text[:head]} [... {len(text) - head - tail:,} letters ...] {text[-tail:]}"


class _Short(Repr):
    """What a value looks like in a message; never walks through all of a large one."""

    def __init__(self) -> None:
        super().__init__()
        self.maxdict = self.maxlist = self.maxtuple = 10
        self.maxlevel, self.maxother = 4, 100

    def repr_str(self, value: str, level: int) -> str:
        return repr(cut(value, 100))

    def repr_int(self, value: int, level: int) -> str:
        bits = value.bit_length()
        return f"a number of {bits:,} bits" if bits > 200 else repr(value)


def listed(problems: Sequence[str], most: int = 50) -> str:
    """Return a line for each of the first problems, and how many more there are."""
    more = len(problems) - most
    told = [*problems[:most], *([f"and {more:,} more"] if more > 0 else [])]
    return "\n".join(f"  - {cut(one, 600)}" for one in told)


def shown(value: object) -> str:
    """Return a value as a message shows it: as Python writes it, the middle of it left out."""
    return cut(_Short().repr(value), 200)


class RepcatError(Exception):
    """Say what, where and what now in one line; the command line prints it and exits with 2.

    `code` names the fault in a word or three, for programs and tests; the words may change.
    """

    def __init__(self, message: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.code = code
        if code:
            self.add_note(f"code: {code}")


class RecipeError(RepcatError):
    """A recipe cannot be run; the message lists every problem."""


class PartError(RepcatError):
    """A part is missing, refuses its options, or does not fit the others."""


class PluginError(RepcatError):
    """A plugin broke a rule of registration."""


class DataError(RepcatError):
    """A file, a folder or a dataset is not what it should be."""


class RunError(RepcatError):
    """A run directory is missing, unfinished, or belongs to another recipe."""


class TrainingError(RepcatError):
    """Training cannot go on, for example because a loss is not a number."""


class Stopped(SystemExit):
    """A signal ended the work; `code` is 128 and its number, as shells count."""

    def __init__(self, number: int, said: str = "") -> None:
        super().__init__(128 + number)
        self.said = said


class DivergenceError(TrainingError):
    """A loss or a gradient of a player came to no number, in a step that counts from 0."""

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        step: int = 0,
        player: str = "",
        what: str = "",
        value: float = 0.0,
    ) -> None:
        super().__init__(message, code=code)
        self.step, self.player, self.what, self.value = step, player, what, value
