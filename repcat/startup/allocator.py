"""Allocator: glibc keeps large blocks for the next tensor, where nobody chose otherwise.

By default each tensor above 32 MB goes back to the system when it is freed and comes anew, zeroed,
page by page: a third of the time of a step on a CPU (docs/benchmarks.md). What cures it must stand
in the environment before a process begins, so `repcat` starts itself anew, once, and its children
inherit it. The same kernels run on the same numbers: no bit of a result changes.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from pathlib import Path

SWITCH = "REPCAT_ALLOCATOR"
"""Environment variable: 'system' leaves the allocator as it is."""
TUNABLES = "GLIBC_TUNABLES"
KEPT = (
    "glibc.malloc.mmap_max=0:"  # large blocks from the heap, not from the system
    "glibc.malloc.trim_threshold=0x100000000:"  # 4 GB stay at its end
    "glibc.malloc.top_pad=0x4000000"  # it grows by 64 MB
)
HUGE = "glibc.malloc.hugetlb=1"  # pages of 2 MB, by madvise
MEMORY, GROUP, SHORT = Path("/proc/meminfo"), Path("/sys/fs/cgroup"), 0.25
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
# Commands that compute for longer than a start takes.
COMPUTING = frozenset(
    ("demo", "train", "predict", "evaluate", "verify", "measure", "compare", "bench", "check")
)
OTHERS = ("jemalloc", "tcmalloc", "mimalloc", "hoard", "snmalloc")


def settle(words: list[str]) -> None:
    """Start this process anew with the settings above, where a command computes and lacks them."""
    command = next((word for word in words if not word.startswith("-")), "")
    wanted = settings(os.environ)
    if command in COMPUTING and wanted and os.environ.get(TUNABLES) != wanted:
        os.execve(sys.executable, sys.orig_argv, {**os.environ, TUNABLES: wanted})


def settings(environ: Mapping[str, str]) -> str:
    """Return what `GLIBC_TUNABLES` is to be; empty where the allocator is another's choice."""
    if chosen_elsewhere(environ) or _glibc() < (2, 35):
        return ""
    return ":".join([*_others(environ), KEPT, *([HUGE] if _huge_on_demand() else [])])


def unsettled(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child that is to give its memory back, as the system has it.

    One whose memory is limited (`io/strangers`), above all: what it keeps would count.
    """
    if KEPT not in environ.get(TUNABLES, ""):
        return dict(environ)
    return {**environ, TUNABLES: ":".join(_others(environ))}


def chosen_elsewhere(environ: Mapping[str, str]) -> str:
    """Say which variable of the environment has chosen an allocator or its settings already."""
    preload = environ.get("LD_PRELOAD", "")
    if environ.get(SWITCH) == "system":
        return f"{SWITCH}=system"
    if any(name in preload for name in OTHERS):
        return f"LD_PRELOAD={preload}"
    if "glibc.malloc" in environ.get(TUNABLES, "") and KEPT not in environ[TUNABLES]:
        return f"{TUNABLES}={environ[TUNABLES]}"
    found = (name for name in environ if name.startswith("MALLOC_") and name.endswith("_"))
    return next((f"{name}={environ[name]}" for name in found), "")


def describe(environ: Mapping[str, str] = os.environ) -> str:
    """Say how tensors on the CPU get their memory under `repcat train`, and why."""
    if elsewhere := chosen_elsewhere(environ):
        return f"as {elsewhere} says"
    if not (wanted := settings(environ)):
        return "the system's own (large blocks are kept with glibc 2.35 and newer, on Linux)"
    pages = "pages of 2 MB" if HUGE in wanted else "the system's pages"
    return f"glibc keeps large blocks, {pages}; {SWITCH}=system leaves it as it is"


def give_back_if_short(environ: Mapping[str, str] = os.environ) -> bool:
    """Give kept memory that is free back to the system where that has little left; says whether.

    What is kept is cut into pieces of other sizes as time goes: up to 1.4 times what tensors take.
    Tensors stay where they are, no bit changes; the next ones come slowly again.
    """
    if KEPT not in environ.get(TUNABLES, "") or not _is_short():
        return False
    return bool(ctypes.CDLL(None).malloc_trim(0))


def _is_short() -> bool:
    """Whether less than a quarter of the memory is left, of the machine or its control group."""
    try:
        lines = (line.split() for line in MEMORY.read_text("ascii").splitlines())
        size = {words[0]: int(words[1]) for words in lines}
        if size["MemAvailable:"] < SHORT * size["MemTotal:"]:
            return True
        limit = (GROUP / "memory.max").read_text("ascii").strip()
        used = int((GROUP / "memory.current").read_text("ascii"))
        return limit != "max" and used > (1 - SHORT) * int(limit)
    except (OSError, ValueError, LookupError):
        return False


def _others(environ: Mapping[str, str]) -> list[str]:
    """Return the tunables that are not the allocator's."""
    return [v for v in environ.get(TUNABLES, "").split(":") if v and "glibc.malloc" not in v]


def _glibc() -> tuple[int, ...]:
    """Return the version of glibc; (0,) where there is another library or system."""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (AttributeError, ValueError, OSError):
        return (0,)
    return tuple(int(n) for n in version.split(".")[:2]) if name == "glibc" else (0,)


def _huge_on_demand() -> bool:
    """Whether pages of 2 MB are given to who asks for them; with 'always' all have them."""
    try:
        return "[madvise]" in HUGE_PAGES.read_text("ascii")
    except OSError:
        return False
