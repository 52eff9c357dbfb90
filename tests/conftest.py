"""Fixtures that every test may use; what needs scans or a device that is not there says so."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from repcat import Patient, Patients, Request, preset
from repcat.config.recipe import Recipe
from repcat.config.validate import check_recipe
from repcat.registry.parts import Parts
from repcat.registry.plugins import register
from repcat.rng import generator
from repcat.scoring.score_file import ScoreFile
from repcat.scoring.score_record import ScoreRecord
from repcat.scoring.summary import Header

GOLDEN = Path(__file__).parent / "golden"
CT = Path(__file__).parents[2] / "shared" / "ct"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start what takes long first, and skip what needs CUDA where there is none, saying so."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)  # no core idle at the end
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Let tests side by side not fight for cores."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Let no test reach another machine; a browser and its driver are on this one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _only_here(getattr(socket.socket, name)))
        patch.setenv("HF_HUB_OFFLINE", "1")  # for processes that tests start
        yield


def _only_here(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(one: socket.socket, address: Any) -> Any:
        near = one.family == socket.AF_UNIX or address[0] in {"127.0.0.1", "::1", "localhost"}
        if not near:
            msg = f"no test may connect to another machine: {address}"
            raise PermissionError(msg)
        return connect(one, address)

    return guarded


@pytest.fixture(scope="module")
def drawn_once() -> Iterator[None]:
    """Draw each small phantom once a process: for tests that need some, and not how they come."""
    from repcat_plugins.datasets.phantom import phantoms

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phantoms, "thorax", _copy_of_the_drawn)
        yield


def _copy_of_the_drawn(*words: Any) -> tuple[np.ndarray, ...]:
    return tuple(array.copy() for array in _drawn(*words))


@lru_cache(maxsize=512)  # of 0.02 MB each at 16 voxels a side, 0.16 MB at 32
def _drawn(*words: Any) -> tuple[np.ndarray, ...]:
    from repcat_plugins.datasets.phantom.thorax import thorax

    return thorax(*words)


@pytest.fixture
def golden() -> Callable[[str], Mapping[str, np.ndarray]]:
    """Return a reader of the parity numbers; golden/README.md says what they are."""

    def read(name: str) -> Mapping[str, np.ndarray]:
        with np.load(GOLDEN / f"{name}.npz", allow_pickle=False) as arrays:
            return dict(arrays)

    return read


@pytest.fixture
def real() -> Path:
    """Return the folder of real scans, or skip."""
    if not CT.is_dir():
        pytest.skip("the real scans ../shared/ct are not beside this checkout")
    return CT.resolve()


class Blobs(Patients):
    """A dataset of a few boxes of tissue in air: real shapes and units, no anatomy, no waiting."""

    name = "blobs"
    fingerprint = "blobs-1"

    def __init__(self, request: Request, *, train: int = 6) -> None:
        self.request, self.train = request, train
        self.geometry = preset("parallel", size=request.size, cube_mm=320.0)

    def ids(self, split: str) -> tuple[str, ...]:
        count = self.train if split == "train" else 2
        return tuple(f"{split}-{n}" for n in range(count))

    def load(self, patient: str) -> Patient:
        n = self.request.size
        chance = generator("blob", patient)
        low = (torch.rand(3, generator=chance) * n / 4 + 1).long().tolist()
        high = (n - torch.rand(3, generator=chance) * n / 4 - 1).long().tolist()
        volume = torch.full((n, n, n), -1000.0)
        volume[low[0] : high[0], low[1] : high[1], low[2] : high[2]] = 40.0
        frontal, lateral = volume.add(1000).sum(1).flip(0), volume.add(1000).sum(2).flip(0)
        images = [frontal if v.azimuth % 180 == 0 else lateral for v in self.request.views]
        return Patient(patient, volume, torch.stack(images) * 2e-5 * 320 / n)


@pytest.fixture
def parts() -> Parts:
    """Return the installed parts and a dataset `blobs`."""
    import repcat_plugins

    parts = Parts()
    register(parts, "repcat", "0", repcat_plugins)
    assert not parts.broken
    parts.datasets.add("blobs", Blobs)
    return parts


@pytest.fixture
def recipe_of(parts: Parts) -> Callable[..., Recipe]:
    """Return a maker of small recipes: tables given replace the defaults."""

    def make(**tables: dict) -> Recipe:
        small = {
            "data": {"use": "blobs", "size": 16},
            "mapper": {"use": "repeat_concat"},
            "backbone": {"use": "unet", "channels": [4, 8], "res_units": 1},
            "objective": {"use": "l2"},
            "optim": {"lr": 1e-2},
            "train": {"steps": 4, "batch_size": 2, "log_every": 1, "save_every": 2},
        }
        for name, table in tables.items():
            small[name] = table if "use" in table else {**small.get(name, {}), **table}
        return check_recipe(small, "test", parts)

    return make


@pytest.fixture
def recorded() -> Callable[..., Path]:
    """Return a writer of the record beside a table, so that it is read as if just evaluated."""

    def record(table: Path, **facts: object) -> Path:
        file = ScoreFile.parse(table)
        head = Header(file.protocol, file.dataset, file.split, 0, 0, (), "")
        known = {key: {} for key in ("geometry", "weights", "contents", "volumes")}
        about = {"dataset": file.dataset, "fingerprint": "0", "training": "0", "views": []}
        ScoreRecord(**{**about, **known, **facts}).write(table, head)
        return table

    return record


@pytest.fixture
def repcat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return the command line, in an empty folder; it gives exit code, output, errors."""
    from repcat.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["repcat", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run
