"""The allocator is settled before torch is loaded, once, and where nobody chose another."""

import os
import subprocess
import sys

import pytest

from repcat.startup import allocator

GLIBC = allocator.settings({})
needs_glibc = pytest.mark.skipif(not GLIBC, reason="needs glibc 2.35 or newer")
ASK = "import os, sys; print(os.environ.get('GLIBC_TUNABLES', ''), 'torch' in sys.modules)"


@needs_glibc
@pytest.mark.parametrize(
    "chosen",
    [
        {"REPCAT_ALLOCATOR": "system"},
        {"LD_PRELOAD": "/usr/lib/libjemalloc.so.2"},
        {"GLIBC_TUNABLES": "glibc.malloc.arena_max=1"},
        {"MALLOC_TRIM_THRESHOLD_": "100000"},
    ],
)
def test_what_the_user_chose_is_left_alone_and_told(chosen):
    assert allocator.settings(chosen) == ""
    (name,) = chosen
    assert name in allocator.describe(chosen)


@needs_glibc
def test_our_own_settings_are_no_choice_of_the_users():
    assert allocator.settings({"GLIBC_TUNABLES": GLIBC}) == GLIBC
    assert "keeps large blocks" in allocator.describe({"GLIBC_TUNABLES": GLIBC})


@needs_glibc
def test_a_tunable_of_another_kind_is_kept_beside_ours():
    other = "glibc.cpu.hwcaps=-AVX512F"
    assert allocator.settings({"GLIBC_TUNABLES": other}).startswith(other + ":")


@needs_glibc
@pytest.mark.parametrize(("word", "settled"), [("train", True), ("recipes", False)])
def test_a_computing_command_starts_anew_once_before_torch(word, settled):
    code = f"from repcat.startup import allocator; allocator.settle([{word!r}]); {ASK}"
    environ = {k: v for k, v in os.environ.items() if k != "GLIBC_TUNABLES"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{GLIBC if settled else ''} False\n"  # one line: it ran to its end once


@needs_glibc
def test_large_blocks_are_kept_for_the_next_tensor():
    # A block of 256 MB taken and given back ten times: 65,536 pages of 4 kB each time by default.
    code = (
        "import ctypes, resource\n"
        "libc = ctypes.CDLL(None); libc.malloc.restype = ctypes.c_void_p\n"
        "for n in range(10):\n"
        "    block = libc.malloc(ctypes.c_size_t(1 << 28))\n"
        "    ctypes.memset(block, n, 1 << 28); libc.free(ctypes.c_void_p(block))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)"
    )
    faults = {}
    for name, tunables in {"default": "", "ours": allocator.KEPT}.items():
        environ = {**os.environ, "GLIBC_TUNABLES": tunables}
        done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True)
        faults[name] = int(done.stdout)
    assert faults["ours"] < faults["default"] / 5


@needs_glibc
def test_a_child_of_limited_memory_gives_it_back():
    other = "glibc.cpu.hwcaps=-AVX512F"
    settled = {"A": "1", "GLIBC_TUNABLES": allocator.settings({"GLIBC_TUNABLES": other})}
    assert allocator.unsettled(settled) == {"A": "1", "GLIBC_TUNABLES": other}
    chosen = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=1"}
    assert allocator.unsettled(chosen) == chosen


KEEP = """
import sys
from pathlib import Path
from repcat.startup import allocator
blocks = [bytearray(40_000_000) for _ in range(20)]
del blocks[:-1]  # the last one holds the heap's end
rss = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096
before = rss()
allocator.SHORT = float(sys.argv[1])
print(allocator.give_back_if_short(), (before - rss()) // 10**6)
"""


@needs_glibc
@pytest.mark.parametrize(("short", "given"), [("1.0", True), ("0.0", False)])
def test_kept_memory_is_given_back_where_the_system_has_little_left(short, given):
    env = {**os.environ, "GLIBC_TUNABLES": GLIBC}
    told = subprocess.check_output([sys.executable, "-c", KEEP, short], env=env, text=True)
    said, megabytes = told.split()
    assert said == str(given)
    assert (int(megabytes) > 700) == given


def test_without_our_settings_nothing_is_given_back():
    assert not allocator.give_back_if_short({})
