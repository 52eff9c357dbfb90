"""Process: whether one of this machine, known by its number, still runs."""

from __future__ import annotations

import os


def is_alive(process: int) -> bool:
    """Whether a process runs; one of another user does, of which nothing more can be asked."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
