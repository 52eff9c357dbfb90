"""Errors that are the user's to cure; anything else is a bug and keeps its traceback."""


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
