"""Kills: a command is ended at a chosen moment and gone on with, until its end is compared."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.process import Command
from tests.faults.scenes import Scene
from tests.faults.trees import contents, different, leftovers

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
MOST = 3  # kills of one try


@dataclass
class Tally:
    """What became of the tries at one scene."""

    kills: int = 0
    writing: int = 0
    tries: int = 0
    equal: int = 0
    problems: list[str] = field(default_factory=list)


class Killer:
    """Kill one scene's command over and over; its unbroken end and duration are known."""

    def __init__(self, scene: Scene, base: Path, scratch: Path, chance: random.Random) -> None:
        self.scene, self.base, self.scratch, self.chance = scene, base, scratch, chance
        self.tally = Tally()
        folder = self._copy()
        command = Command(scene.words, folder)
        if command.wait():
            raise RuntimeError(command.said)
        self.duration = time.monotonic() - command.began
        self.end = contents(folder, scene.keep)

    def one_try(self) -> None:
        """Kill the command up to MOST times, go on to the end, compare."""
        folder, words = self._copy(), self.scene.words
        killed = []
        for _ in range(self.chance.randint(1, MOST)):
            number = self.chance.choice(SIGNALS)
            command = Command(words, folder)
            ended = self._kill(command, folder, number)
            killed += [number.name] if ended else []
            self._check_ending(command, number, ended)
            words = self.scene.go_on(folder)
        self.tally.tries += bool(killed)
        last = Command(words, folder)
        self._compare(folder, last.wait(), last.said, killed)

    def _kill(self, command: Command, folder: Path, number: signal.Signals) -> bool:
        """Signal it at a random moment or as a write is seen; False where it ended before."""
        at = command.began + self.chance.random() * self.duration
        wants_write = self.chance.random() < 0.6
        while command.running():
            writing = any(leftovers(folder)) if wants_write else False
            if time.monotonic() >= at and (writing or not wants_write):
                command.kill(number)
                self.tally.kills += 1
                self.tally.writing += writing or any(leftovers(folder))
                command.wait()
                return True
            time.sleep(0.001)
        return False

    def _check_ending(self, command: Command, number: signal.Signals, ended: bool) -> None:
        """A signal that can be caught leaves with its own code, after one line."""
        good = {signal.SIGTERM: (143, -15), signal.SIGINT: (130, -2)}.get(number, (-9,))
        code = command.wait()
        if "Traceback" in command.said or (code not in (*good, 0) if ended else code):
            self._tell(f"{number.name}: code {code}: {command.said[-300:]}")

    def _compare(self, folder: Path, code: int, said: str, killed: list[str]) -> None:
        wrong = different(self.end, contents(folder, self.scene.keep))
        left = leftovers(folder)
        if code or wrong or left:
            words = f"code {code}, differ {wrong[:4]}, left {left[:3]}, said {said[-300:]!r}"
            self._tell(f"after {killed}: {words}")
        else:
            self.tally.equal += bool(killed)

    def _tell(self, what: str) -> None:
        self.tally.problems.append(what)
        print(f"  {self.scene.name}: {what}", flush=True)

    def _copy(self) -> Path:
        folder = self.scratch / "work"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.base, folder)
        return folder


def kill_all(
    scenes: list[Scene], base: Path, scratch: Path, kills: int, seed: int
) -> Iterator[tuple[str, Tally]]:
    """Kill each scene until it has had its share of all kills."""
    each = -(-kills // max(1, len(scenes)))
    for scene in scenes:
        scratch.mkdir(parents=True, exist_ok=True)
        killer = Killer(scene, base, scratch, random.Random(f"{seed} {scene.name}"))
        for _ in range(5 * each):
            if killer.tally.kills >= each:
                break
            killer.one_try()
        yield scene.name, killer.tally
