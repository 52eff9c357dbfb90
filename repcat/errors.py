"""Errors that are the user's to cure; anything else is a bug and keeps its traceback."""


class RepcatError(Exception):
    """Say what, where and what now in one line; the command line prints it and exits with 2."""


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
