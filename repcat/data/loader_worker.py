"""Worker of the loader: its errors in one line, its end with its parent's and not before."""

from __future__ import annotations

from torch.utils.data import Dataset

from repcat.errors import RepcatError
from repcat.io.signals import end_with_parent, leave_signals_to_parent
from repcat.types import Batch

KILLED = (
    "a worker that loads patients was killed, probably for want of memory; go on with --resume and "
    "--set train.workers=0, or with a lower data.cache_gb"
)


class Told(Dataset[Batch | RepcatError]):
    """Batches, or the user's errors as they are: torch would raise them with a traceback inside."""

    def __init__(self, batches: Dataset[Batch]) -> None:
        self.batches = batches

    def __getitem__(self, k: int) -> Batch | RepcatError:
        """Return draw k, or what is wrong with it."""
        try:
            return self.batches[k]
        except RepcatError as error:
            return error


def start_worker(number: int) -> None:
    """Set up a process of the loader."""
    leave_signals_to_parent()  # first: threads take over what is blocked when they start
    end_with_parent()


def is_killed_worker(error: BaseException) -> bool:
    """Whether an error says, as torch puts it, that a process of the loader is gone."""
    return isinstance(error, RuntimeError) and str(error).startswith("DataLoader worker (pid")
