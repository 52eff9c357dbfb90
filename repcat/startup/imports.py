"""Start-up: modules are imported while the garbage collector rests."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Import torch, and what comes with it, in three quarters of the time.

    Modules make some 10^5 objects and hardly any garbage, yet the collector looks through them
    again and again, and once more when the process ends. It rests meanwhile, and leaves out for
    good what is there afterwards (`gc.freeze`). Where torch is there already, nothing is done.
    """
    if "torch" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
