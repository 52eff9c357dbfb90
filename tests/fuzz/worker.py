"""Worker: one target in a process of its own, within 1 GB; the campaign watches its board."""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
GIGABYTE = 1 << 30


def main() -> None:
    """Read the words of the campaign and fuzz."""
    parser = argparse.ArgumentParser()
    for name in ("target", "board", "findings"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--targets", default="tests.fuzz.targets", help="module that has them")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", choices=("atheris", "mutations"))
    told = parser.parse_args()
    guided = (told.engine or ("atheris" if find_spec("atheris") else "mutations")) == "atheris"
    with _watched() if guided else nullcontext():
        import_module(told.targets)
        from tests.fuzz.target import TARGETS
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        os.chdir(folder)
        _fuzz(TARGETS[told.target], Path(folder), told, guided)


def _watched() -> AbstractContextManager[object]:
    import atheris

    return atheris.instrument_imports(include=["repcat", "repcat_plugins", "tomllib"])


def _memory() -> str | None:
    """Return a file system in memory, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _fuzz(target, folder: Path, told: argparse.Namespace, guided: bool) -> None:
    from tests.fuzz.board import Board
    from tests.fuzz.findings import Findings
    from tests.fuzz.mutate import mutate
    from tests.fuzz.target import attempt, build

    (folder / "in").mkdir()
    seeds, read = build(target.name, folder / "in")
    for seed in seeds:
        if (error := attempt(read, seed)) is not None:
            raise RuntimeError(f"{target.name}: a valid input is not read") from error
    board, findings = Board(Path(told.board)), Findings(Path(told.findings))
    count = 0
    _limit_memory()

    def once(data: bytes) -> None:
        nonlocal count
        count += 1
        board.show(count, data)
        if (error := attempt(read, data)) is not None:
            findings.add(target.name, data, error)

    if guided:
        _guide(target, folder, told, seeds, once)
    for n in range(told.runs):
        once(mutate(Random(f"{target.name} {told.seed} {n}"), seeds, target.words))


def _limit_memory() -> None:
    """Let the process have 1 GB more than it has; what asks for more raises MemoryError."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + GIGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _guide(target, folder: Path, told: argparse.Namespace, seeds, once) -> None:
    """Let libFuzzer choose inputs by the branches they reach; it ends the process."""
    import atheris

    corpus = folder / "corpus"
    corpus.mkdir()
    for n, seed in enumerate(seeds):
        (corpus / str(n)).write_bytes(seed)
    words = "".join('"' + "".join(f"\\x{b:02x}" for b in w) + '"\n' for w in target.words)
    (folder / "words").write_text(words, encoding="ascii")
    flags = {
        "runs": told.runs, "seed": told.seed + 1, "dict": folder / "words", "len_control": 0,
        "max_len": 65_536, "rss_limit_mb": 0, "malloc_limit_mb": 0, "timeout": 100_000,
        "artifact_prefix": f"{folder}/", "print_final_stats": 0, "verbosity": 0,
    }  # fmt: skip
    words = [f"-{name}={value}" for name, value in flags.items()]
    atheris.Setup([sys.argv[0], *words, str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
