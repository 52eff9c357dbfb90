"""Readers of TOML: recipes, settings, studies, the index of the paper's items."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from repcat.config import shipped
from repcat.config.load import read
from repcat.registry.plugins import load_parts
from repcat.studies.expand import variants
from repcat.studies.paper_items import FILE, as_dicts, faults, read_items
from repcat.studies.spec import read_study
from tests.fuzz.target import Read, target

RECIPE = b"""# what it is
[data]
use = "phantoms"
size = 16
views = [0.0, "left_lateral"]
window = [-1000, 1000]
projector = {use = "march", step_mm = 2.0}
train = 4
[mapper]
use = "repeat_concat"
[backbone]
use = "unet"
channels = [4, 8]
strides = [2]
[objective]
use = "sinkhorn_ot"
inner_steps = 2
optim.potential = {lr = 1e-5, betas = [0.0, 0.9]}
[augment]
contrast = 0.1
[optim]
lr = 1e-3
[train]
steps = 4
batch_size = 2
seed = 1
"""
STUDY = b"""title = "Views"
base = "base.toml"
protocol = "standard"
seeds = [1, 2]
metrics = ["psnr", "ssim"]
change.data.size = 16
[[dataset]]
name = "LIDC"
path = "data/lidc"
[[row]]
id = "P07"
name = "1 view"
change.data.views = [0.0]
published = {LIDC = {psnr = 23.2}}
[[row]]
id = ["P08", "P13"]
name = "2 views"
needs = "repcat-x2ct"
change.backbone.use = "segresnet"
[[row]]
name = "other"
only_published = true
published.LIDC.ssim = 0.7
"""
ITEMS = b"""[P01]
what = "Swin UNETR"
recipe = "base.toml"
test = "tests/x.py"
[P02]
what = "inverse"
option = "mapper.align"
how = "as it says"
"""
WORDS = (
    'use size views window extends base change "unet" "l2" "gan" [data] [[row]] [mapper] [train] '
    "[metrics] optim. 1e400 inf nan 1979-05-27 07:32:00 true 0x1F '''  \\u0000 9223372036854775807 "
    "name id published recipe needs seeds data.projector a.b.c.d {use= }"
)


@target("recipe", WORDS)
def recipe(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A recipe, checked and written out."""
    (folder / "other.toml").write_bytes(RECIPE)
    over = b'extends = "other.toml"\n[backbone]\nuse = "segresnet"\nwidth = 8\n'
    parts, path = load_parts(), folder / "recipe.toml"

    def once(data: bytes) -> None:
        path.write_bytes(data)
        read(path, parts=parts).to_toml()

    return [RECIPE, over], once


@target("set", WORDS)
def setting(folder: Path) -> tuple[Sequence[bytes], Read]:
    """What follows `--set`."""
    path, parts = folder / "base.toml", load_parts()
    path.write_bytes(RECIPE)
    (folder / "toy.toml").write_bytes(b"train.steps = 3\n")
    words = ["backbone.channels = [4, 8]", 'data = {use = "phantoms", size = 8}', "train.steps = 7"]

    def once(data: bytes) -> None:
        read(path, [data.decode("utf-8", "surrogateescape")], parts=parts)

    return [*(w.encode() for w in words), f"@{folder}/toy.toml".encode()], once


@target("study", WORDS, share=0.5)
def study(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A study file and the recipes of its rows."""
    (folder / "base.toml").write_bytes(RECIPE.replace(b"sinkhorn_ot", b"l2").split(b"optim.p")[0])
    path, parts = folder / "study.toml", load_parts()

    def once(data: bytes) -> None:
        path.write_bytes(data)
        variants(read_study(path, parts), ["train.steps = 3"], parts)

    return [STUDY], once


@target("coverage", WORDS + " [P01] [P65] what planned figure measure")
def coverage(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The index of the paper's items beside studies."""
    (folder / "studies").mkdir()
    shutil.copy(shipped.folder() / "studies" / "table1.toml", folder / "studies")

    def once(data: bytes) -> None:
        (folder / FILE).write_bytes(data)
        as_dicts(read_items(folder), folder / "runs")
        faults(folder)

    return [ITEMS], once


@target("coverage-study", WORDS)
def coverage_study(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A study as the index reads it."""
    (folder / "studies").mkdir()
    (folder / FILE).write_bytes(ITEMS)

    def once(data: bytes) -> None:
        (folder / "studies" / "a.toml").write_bytes(data)
        as_dicts(read_items(folder), folder / "runs")

    return [STUDY], once
