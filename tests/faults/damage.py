"""Damage: bytes changed, cut or zeroed in every file of a run, of scores and of a dataset."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.process import Command
from tests.faults.trees import contents, different

HOW = ("bit", "byte", "cut", "zeros", "empty")
# What reads a folder, command by command, as a user would go through it.
READERS: dict[str, Sequence[Sequence[object]]] = {
    "run": (
        ("train", "l2.toml", "--out", "done", "--resume", "--set", "train.steps = 8"),
        ("predict", "done"),
        ("evaluate", "done"),
        ("report", "done"),
    ),
    "scores": (("evaluate", "done"), ("report", "done"), ("compare", "done", "other")),
    "set": (
        ("train", "set.toml", "--out", "on-set"),
        ("predict", "done", "--data", "set"),
        ("evaluate", "done", "--data", "set"),
    ),
}
FOLDERS = {"run": "done", "scores": "done", "set": "set"}


@dataclass
class Tally:
    """What became of damaged files: named in one line, without effect, or a fault."""

    tries: int = 0
    named: int = 0
    harmless: int = 0
    problems: list[str] = field(default_factory=list)


def spoil(path: Path, how: str, chance: random.Random) -> None:
    """Change a file at a random place."""
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data)) if data else 0
    changes: dict[str, Callable[[], bytes]] = {
        "bit": lambda: data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :],
        "byte": lambda: data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :],
        "cut": lambda: data[:at],
        "zeros": lambda: data[:at] + bytes(min(64, len(data) - at)) + data[at + 64 :],
        "empty": lambda: b"",
    }
    path.write_bytes(changes[how]() if data else b"\0")


def damage_all(base: Path, scratch: Path, seed: int, tries: int) -> Iterator[tuple[str, Tally]]:
    """Spoil files of each kind of folder and run what reads it."""
    for kind, folder in FOLDERS.items():
        chance, tally = random.Random(f"{seed} {kind}"), Tally()
        ends = {words: _end(base, scratch, words) for words in READERS[kind]}
        files = sorted(p for p in (base / folder).rglob("*") if p.is_file())
        files = [p for p in files if not p.name.startswith(".")]
        for number in range(tries):
            path = files[number % len(files)]
            how = chance.choice(HOW)
            for words, end in ends.items():
                _try(base, scratch, path, how, words, end, chance, tally)
        yield kind, tally


def _end(base: Path, scratch: Path, words: Sequence[object]) -> dict[str, str]:
    folder = _copy(base, scratch)
    command = Command(words, folder)
    if command.wait():
        raise RuntimeError(command.said)
    return contents(folder)


def _try(
    base: Path,
    scratch: Path,
    path: Path,
    how: str,
    words: Sequence[object],
    end: dict[str, str],
    chance: random.Random,
    tally: Tally,
) -> None:
    folder, name = _copy(base, scratch), path.relative_to(base)
    before = path.read_bytes()
    spoil(folder / name, how, chance)
    if (folder / name).read_bytes() == before:
        return
    command = Command(words, folder)
    code, said = command.wait(), command.said
    tally.tries += 1
    wrong = [n for n in different(end, contents(folder)) if n != name.as_posix()]
    if "Traceback" in said or code not in (0, 2):
        what = f"code {code}: {said[-300:]!r}"
    elif is_named(name, code, said):
        tally.named += 1
        return
    elif code == 0 and not wrong:
        tally.harmless += 1
        return
    else:
        what = f"not named: code {code}, differ {wrong[:4]}: {said[-300:]!r}"
    problem = f"{name} {how}, {' '.join(map(str, words))}: {what}"
    tally.problems.append(problem)
    print(f"  {problem}", flush=True)


def is_named(name: Path, code: int, said: str) -> bool:
    """Whether the error, or the warning of what went on without it, tells of a file.

    By its name, its stem (a table stands for its record) or the folder that it is a part of, but
    for the top one, which every command prints.
    """
    told = [
        line for line in said.splitlines() if line.startswith(("error:", "warning:")[code == 0])
    ]
    words = {name.name, name.stem, *(part for part in name.parent.parts[1:])}
    return any(word in line for line in told for word in words)


def _copy(base: Path, scratch: Path) -> Path:
    folder = scratch / "work"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    return folder
