"""Starting: whole commands from Enter to their end, imports and all."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PIL import Image

from repcat.bench.found import Found, Options
from repcat.bench.small_recipe import small_recipe
from repcat.bench.timing import Work, measure
from repcat.data.loader import PatientCache
from repcat.errors import RepcatError
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts

DATA = 'data = {use = "phantoms", size = 48, train = 2, validation = 1, test = 1}'
# One step and its checkpoint: what a user waits for before the first figure moves.
FIRST_STEP = ("train", "quickstart", "--set", DATA, "--set", "train.steps = 1")


def start(options: Options) -> Found:
    """Time `repcat --help`, a training's first step and `predict --xray`, each a new process."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, on = Path(temporary), ("--device", options.on)
        model = folder / "model"
        _run(*FIRST_STEP, "--out", str(model), *on)
        films = _films(folder)
        variants: dict[str, Work] = {
            "repcat --help": partial(_run, "--help"),
            "repcat train, 1 step": partial(_train_anew, folder / "new", on),
            "repcat predict --xray": partial(
                _run, "predict", str(model), *films, "--out", str(folder / "case"), *on
            ),
        }
        timings = measure(variants, {"commands": 1}, options.repeats)
    return Found([replace(t, memory_gb=None) for t in timings])  # it would be this process's own


def _films(folder: Path) -> list[str]:
    """Write a frontal and a lateral X-ray of a phantom as PNG; returns the words that name them."""
    recipe = small_recipe([])
    patients = open_patients(recipe, load_parts())
    xrays = PatientCache(patients, recipe).pair(patients.ids("test")[0])[0]
    words = []
    for view, image in zip(recipe.views, xrays, strict=True):
        path = folder / f"{view.azimuth:g}.png"
        Image.fromarray((image * 255).round().byte().numpy()).save(path)
        words += ["--xray", f"{path}@{view.azimuth:g}"]
    return words


def _train_anew(out: Path, on: Sequence[str]) -> None:
    shutil.rmtree(out, ignore_errors=True)
    _run(*FIRST_STEP, "--out", str(out), *on)


def _run(*words: str) -> None:
    """Run a command of repcat to its end.

    Raises:
        RepcatError: with its last words, where it failed.
    """
    command = [sys.executable, "-m", "repcat", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        msg = f"`repcat {words[0]}` failed while it was timed (exit code {done.returncode}): {said}"
        raise RepcatError(msg, code="command-failed")
