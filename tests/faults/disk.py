"""Full disks: files that may not grow past a bound, and folders that may not be written."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.faults.process import Command, limit_files
from tests.faults.scenes import Scene
from tests.faults.trees import contents, different, leftovers

SIZES = (0, 400, 4000)


def fill_all(
    scenes: list[Scene], base: Path, scratch: Path, seed: int
) -> Iterator[tuple[str, int, list[str]]]:
    """Run each scene under bounds on the size of a file, then without; yields name, tries, faults.

    Under a bound it must say one line and leave with 2, nothing half-written; without it the same
    command comes to the end of an unbroken run.
    """
    for scene in scenes:
        end = contents(_run(scene, base, scratch)[0], scene.keep)
        faults = []
        for size in SIZES:
            bound = size + random.Random(f"{seed} {scene.name} {size}").randint(0, size + 1)
            faults += [f"{bound} bytes: {what}" for what in _try(scene, base, scratch, bound, end)]
        for fault in faults:
            print(f"  {scene.name}: {fault}", flush=True)
        yield scene.name, len(SIZES), faults


def _try(scene: Scene, base: Path, scratch: Path, bound: int, end: dict[str, str]) -> Iterator[str]:
    folder, command = _run(scene, base, scratch, bound)
    if command.code not in (0, 2) or "Traceback" in command.said:
        yield f"code {command.code}: {command.said[-300:]!r}"
    if left := leftovers(folder):
        yield f"left {left[:3]}"
    words = scene.go_on(folder) if command.code else scene.words
    if command.code:
        again = Command(words, folder)
        if again.wait():
            yield f"then code {again.code}: {again.said[-300:]!r}"
    if wrong := different(end, contents(folder, scene.keep)):
        yield f"then differ {wrong[:4]}"


def _run(scene: Scene, base: Path, scratch: Path, bound: int = -1) -> tuple[Path, Command]:
    folder = scratch / "work"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    before = limit_files(bound) if bound >= 0 else bool
    command = Command(scene.words, folder, before)
    command.wait()
    return folder, command
