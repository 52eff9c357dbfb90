"""Readers of what is handed on: exported models, cases, weights of others, float maps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from repcat.config.load import read
from repcat.geometry import preset
from repcat.inference import exported
from repcat.inference.model_choice import score_words
from repcat.inference.model_record import FILE as RECORD
from repcat.inference.model_record import ModelRecord, StatedScores
from repcat.models.build import build_network, task_in
from repcat.registry.plugins import load_parts
from repcat.report.pages.case import case_document
from repcat.report.pages.case import write_case as write_page
from repcat_plugins.mappers.encoder_weights import read_weights
from tests.fuzz.target import Read, target
from tests.fuzz.targets.recipes import RECIPE

SMALL = RECIPE.replace(b"sinkhorn_ot", b"l2").split(b"inner_steps")[0]


def write_export(folder: Path) -> Path:
    """Write an exported model that nobody trained."""
    (folder / "base.toml").write_bytes(SMALL)
    recipe, parts = read(folder / "base.toml", parts=load_parts()), load_parts()
    geometry = preset("default", size=16, cube_mm=400.0)
    network = build_network(recipe, task_in(recipe, geometry, parts), parts)
    out = folder / "export"
    out.mkdir()
    exported.write_exported(out, recipe, geometry, network, 4)
    about = ("phantoms", "1", "test", "standard", 40, ["0", "90"])
    scores = StatedScores(*about, {"model": {"body_psnr": 20.0}}, [19.5, 20.5])
    ModelRecord.of([scores], "phantoms", "CC0", half=False).write(out)
    return out


def _file(folder: Path, name: str) -> tuple[Sequence[bytes], Read]:
    file = write_export(folder) / name

    def once(data: bytes) -> None:
        file.write_bytes(data)
        exported.read_exported(file.parent)

    return [file.read_bytes()], once


@target("export-geometry", "voxels voxel_mm pixels pixel_mm cone parallel beam null [] 1e400", 0.2)
def geometry(folder: Path) -> tuple[Sequence[bytes], Read]:
    """geometry.json of an exported model."""
    return _file(folder, exported.GEOMETRY)


@target("export-weights", "F32 shape dtype data_offsets step __metadata__ pt", 0.2)
def weights(folder: Path) -> tuple[Sequence[bytes], Read]:
    """model.safetensors of an exported model."""
    return _file(folder, exported.WEIGHTS)


@target("export-record", "scores means model body_psnr interval format repcat null [] {} 1e400")
def record(folder: Path) -> tuple[Sequence[bytes], Read]:
    """model.json of an exported model."""
    file = write_export(folder) / RECORD

    def once(data: bytes) -> None:
        file.write_bytes(data)
        found = ModelRecord.read(file.parent)
        if found.main:
            score_words(found.main)

    return [file.read_bytes()], once


@target("encoder-weights", "F32 shape dtype data_offsets __metadata__")
def encoder_weights(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Weights of a 2D encoder."""
    file = folder / "weights.safetensors"
    save_file({"conv1.weight": torch.zeros(2, 3), "n": torch.zeros(1, dtype=torch.int64)}, file)

    def once(data: bytes) -> None:
        file.write_bytes(data)
        read_weights(str(file))

    return [file.read_bytes()], once


def write_case(folder: Path) -> None:
    """Write a case of two views."""
    films = torch.rand(2, 8, 8)
    save_file({"given": films, "reprojected": films.clone()}, folder / "xrays.safetensors")
    np.save(folder / "volume.npy", np.zeros((8, 8, 8), np.float32))
    views = [
        {"azimuth": a, "mirrored": False, "file": "x.png", "given_as": "pa", "steps": ["read"]}
        for a in (0.0, 90.0)
    ]
    case = {
        "notice": "n",
        "repcat": "1",
        "run": {"path": "r", "step": 4},
        "views": views,
        "geometry": preset("default", size=8, cube_mm=400.0).to_dict(),
        "window": [-1000, 1000],
        "warnings": [{"code": "far", "text": "x.png is far", "measure": 3.0, "limit": 2}],
        "reprojection": [{"azimuth": 0.0, "psnr": 20.0, "ncc": 0.9}],
        "files": ["volume.npy"],
    }
    (folder / "case.json").write_text(json.dumps(case), encoding="utf-8")


def _case(folder: Path, name: str) -> tuple[Sequence[bytes], Read]:
    write_case(folder)

    def once(data: bytes) -> None:
        (folder / name).write_bytes(data)
        case_document(folder)

    return [(folder / name).read_bytes()], once


@target(
    "case.json",
    "views azimuth mirrored geometry voxel_mm warnings reprojection steps null [] {} run",
)
def case_json(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The record of a case."""
    return _case(folder, "case.json")


@target("case-page", "views azimuth steps warnings text code null [] {} run \\ud800 <script>", 0.05)
def case_page(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The page of a case whose record is strange."""
    write_case(folder)
    file = folder / "case.json"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        write_page(folder)

    return [file.read_bytes()], once


@target("case-xrays", "given reprojected F32 shape dtype data_offsets")
def case_xrays(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The X-rays of a case."""
    return _case(folder, "xrays.safetensors")


@target("case-volume", "descr '<f4' '|O' fortran_order shape (8,8,8)")
def case_volume(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The volume of a case."""
    return _case(folder, "volume.npy")


@target("pfm", "Pf PF -1.0 8 8\n")
def float_map(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A float map of plastimatch."""
    from repcat_plastimatch.files import read_pfm

    file = folder / "a.pfm"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        read_pfm(file)

    return [b"Pf\n2 2\n-1.0\n" + bytes(16)], once
