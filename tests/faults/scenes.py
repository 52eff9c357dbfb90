"""Scenes: a command that writes, how it is gone on with, and what its end must look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from repcat.io.volumes import write_mha
from tests.faults.process import Command
from tests.faults.trees import Keep

RECIPE = """
data = {{use = "phantoms", size = {size}, train = 3, validation = 1, test = 3}}
mapper.use = "repeat_concat"
backbone = {{use = "unet", channels = [4, 8], res_units = 1}}
objective = {objective}
optim.lr = 1e-3
[train]
steps = {steps}
batch_size = 1
save_every = 2
log_every = 1
validate_every = 4
keep = 2
ema = 0.5
"""
CRITIC = "critic_width = 1, critic_widest = 4, critic_attention = false"
OBJECTIVES = {
    "l1": '{use = "l1"}',
    "l2": '{use = "l2"}',
    "gan": f'{{use = "gan", inner_steps = 2, {CRITIC}}}',
    "sinkhorn_ot": f'{{use = "sinkhorn_ot", features = 32, scaling = 0.5, {CRITIC}}}',
    "x2ct_gan": '{use = "x2ct_gan", critic_width = 2}',
}
STUDY = """
title = "Two widths"
base = "l2.toml"
protocol = "standard"
seeds = [1]
metrics = ["psnr"]

[[row]]
name = "narrow"

[[row]]
name = "wide"
change.backbone.channels = [4, 12]
"""
# Trained on the prepared scans.
ON_SET = """
data = {use = "prepared", path = "set", size = 16}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 2, batch_size = 1, save_every = 1, log_every = 1}
"""

PREPARE = ("prepare", "scans", "--size", 16, "--views", "0,90", "--split", ".5,.25,.25")

Words = Sequence[object]


@dataclass(frozen=True)
class Scene:
    """A command, run in a copy of a folder; `go_on` says what to run after a kill there.

    `keep` chooses the files that must be as after an unbroken run.
    """

    name: str
    words: Words
    go_on: Callable[[Path], Words]
    keep: Keep = bool


def build(folder: Path) -> list[Scene]:
    """Write what the scenes need into a folder, and return them."""
    folder.mkdir(parents=True)
    for name, objective in OBJECTIVES.items():
        size = 24 if name == "sinkhorn_ot" else 16  # what its extractor needs
        text = RECIPE.format(objective=objective, size=size, steps=6)
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "set.toml").write_text(ON_SET, encoding="utf-8")
    for number in range(4):
        trunk(folder / "scans" / f"p{number}.mha", number)
    _must(folder, *PREPARE, "--out", "set")
    for run in ("run", "done", "other"):
        _must(folder, "train", "l2.toml", "--out", run, "--device", "cpu")
    for run in ("done", "other"):
        _must(folder, "predict", run)
        _must(folder, "evaluate", run)
    _must(folder, "predict", "done", "--data", "set")
    _must(folder, "export", "done", "--out", "exported")
    return [*_trainings(), *_others()]


def _trainings() -> Iterator[Scene]:
    for name in OBJECTIVES:
        words = ("train", f"{name}.toml", "--out", f"new-{name}", "--device", "cpu")
        yield Scene(f"train {name}", words, _resume(words, name), _last_step)


def _resume(words: Words, name: str) -> Callable[[Path], Words]:
    def go_on(folder: Path) -> Words:
        begun = (folder / f"new-{name}" / "recipe.toml").exists()
        return (*words, "--resume") if begun else words

    return go_on


def _last_step(name: str) -> bool:
    """Whether it is no checkpoint on the way: a signal leaves one more, off the grid."""
    return "checkpoints/" not in name or "checkpoints/000006/" in name


def _others() -> Iterator[Scene]:
    commands: dict[str, Words] = {
        "prepare": (*PREPARE, "--out", "new-set"),
        "prepare --jobs 2": (*PREPARE, "--out", "new-set", "--jobs", 2),
        "predict": ("predict", "run"),
        "evaluate": ("evaluate", "done"),
        "report": ("report", "done"),
        "compare --train --jobs 2": ("compare", "study.toml", "--train", "--jobs", 2),
    }
    for name, words in commands.items():
        yield Scene(name, words, lambda _, words=words: words)
    yield Scene("export", ("export", "done"), _export_again)


def _export_again(folder: Path) -> Words:
    """Export, but where the folder is whole already: repcat writes over none."""
    return ("recipes",) if (folder / "done/export/hub").exists() else ("export", "done")


def _must(folder: Path, *words: object) -> None:
    command = Command(words, folder)
    if command.wait():
        raise RuntimeError(command.said)


def trunk(path: Path, number: int) -> None:
    """Write a trunk with two lungs and a heart, 8 mm voxels; no two numbers are alike."""
    grid = [(torch.arange(n) - (n - 1) / 2) * 8 for n in (40, 36, 40)]
    z, y, x = torch.meshgrid(*grid, indexing="ij")
    hu = torch.full(x.shape, -1000.0)
    hu[(x / (110 + 16 * number)) ** 2 + (y / (100 - 12 * number)) ** 2 < 1] = 30
    for side in (-1, 1):
        lung = ((x - side * (45 + 9 * number)) / 38) ** 2 + (y / 48) ** 2
        hu[lung + ((z - 25 * number + 30) / (60 + 15 * number)) ** 2 < 1] = -850
    heart = (x - 20) ** 2 + (y + 20) ** 2 + (z - 40 + 30 * number) ** 2
    hu[heart < (25 + 6 * number) ** 2] = 45
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mha(path, hu, (8.0, 8.0, 8.0), (0.0, 0.0, 0.0), "campaign")
