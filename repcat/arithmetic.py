"""Arithmetic: what the last bits of a sum depend on, beside the machine and torch's version."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from repcat.errors import TrainingError

MOST_THREADS = 1024


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Threads that share a sum, and whether torch may use operations that differ by chance."""

    threads: int
    deterministic: bool = False

    @classmethod
    def chosen(cls, threads: int = 0, *, deterministic: bool = False) -> Arithmetic:
        """Return what is asked for; 0 threads are as many as the process began with."""
        return cls(threads or default_threads(), deterministic)

    @classmethod
    def recorded(cls, told: Mapping[str, Any]) -> Arithmetic:
        """Return what a provenance holds; that of before 0.2 knows threads by its device alone."""
        found = re.fullmatch(r"CPU, (\d{1,4}) threads", str(told.get("device")))
        threads = told.get("threads", int(found[1]) if found else 0)
        known = threads if type(threads) is int and 0 < threads <= MOST_THREADS else 0
        return cls.chosen(known, deterministic=told.get("deterministic") is True)

    @classmethod
    def now(cls) -> Arithmetic:
        """Return what holds in this process."""
        import torch

        return cls(torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())

    def set(self) -> None:
        """Let it hold in this process, before a network is built."""
        import torch

        default_threads()
        torch.set_num_threads(self.threads)
        if self.deterministic != torch.are_deterministic_algorithms_enabled():
            torch.use_deterministic_algorithms(self.deterministic)  # loads the compiler: 2 s
        torch.backends.cudnn.deterministic = self.deterministic
        if self.deterministic:
            torch.backends.cudnn.benchmark = False
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # torch asks for it


@cache
def default_threads() -> int:
    """Return the threads that torch took when the process began."""
    import torch

    return torch.get_num_threads()


@contextmanager
def kept_arithmetic() -> Iterator[None]:
    """Put threads and determinism back afterwards."""
    before = Arithmetic.now()
    try:
        yield
    finally:
        before.set()


@contextmanager
def one_thread() -> Iterator[None]:
    """Add up as a process of the loader does, by one thread: the same bits wherever it is done."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


REFUSED = " does not have a deterministic implementation"


@contextmanager
def refused_operations() -> Iterator[None]:
    """Name the operation, and the layer where it is known, that torch refuses to compute.

    Raises:
        TrainingError: where --deterministic meets what is not.
    """
    try:
        yield
    except RuntimeError as error:
        operation, refused, _ = str(error).partition(REFUSED)
        if not refused:
            raise
        layer = _layer(error)
        msg = (
            f"--deterministic: torch has no deterministic {operation.split()[-1]} on this device"
            f"{f' (layer {layer})' if layer else ''}; choose another part or device, or train into "
            "another --out without it"
        )
        raise TrainingError(msg, code="not-deterministic") from None


def _layer(error: BaseException) -> str:
    """Return the innermost layer whose forward an error came from; empty in a backward pass."""
    from torch import nn

    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    layers = [frame.f_locals.get("self") for frame in frames]
    return next((type(one).__name__ for one in reversed(layers) if isinstance(one, nn.Module)), "")
