"""Limits of a reading child: memory, processor time, no file written, few files open.

They are POSIX's (`resource`). Windows has none of them, macOS does not hold the one of memory:
there the child, its parent's patience and the checks of headers are what is left.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

GB = 10**9
TIMES = 100  # a file's size: more memory than that needs a reason
OPEN_FILES = 64
STATM = Path("/proc/self/statm")  # Linux: pages of address space, first of its numbers


def allowance(size: int) -> int:
    """Return the bytes of memory that files of so many bytes may take: 1 GB or 100 times them."""
    return max(GB, TIMES * size)


def start() -> None:
    """Write no file and no core; open few."""
    if resource:
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_FSIZE, 0)
        _lower(resource.RLIMIT_NOFILE, OPEN_FILES)


def memory(more: int) -> None:
    """Allow so many bytes beside what is taken now; what asks for more gets a MemoryError."""
    if resource and STATM.exists():
        now = int(STATM.read_text().split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_AS, now + more)


def processor(seconds: int) -> None:
    """Allow so many seconds of processor time from now on."""
    if resource:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds)


def _lower(which: int, value: int) -> None:
    """Set the limit that the system holds; the one up to which it may be raised again stays."""
    with suppress(OSError, ValueError):
        _, most = resource.getrlimit(which)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(which, (value, most))
