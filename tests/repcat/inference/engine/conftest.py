"""Engines of the tiny run, made once; tests that change them take copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from repcat.inference.engine.model import Model
from repcat.inference.engine.use import find_engine
from repcat.inference.job import load_predictor
from repcat.registry.plugins import load_parts
from repcat.runs.checkpoint import weights_hash
from repcat.runs.opened import OpenRun

GRAPHS = ("onnxruntime", "openvino")


@pytest.fixture(scope="session")
def tiny(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The tiny run's network, its weights' hash, what its mapper gives of two patients."""
    opened = OpenRun.of(trained, load_parts())
    predictor = load_predictor(opened, "cpu")
    with torch.no_grad():
        reads = predictor.network.mapper(opened.cache.batch(opened.ids("test"))).split(1)
    weights = weights_hash(opened.run.checkpoint(predictor.step))
    home = tmp_path_factory.mktemp("engines") / "engines"
    return Model(predictor.network, reads, "cpu", False, weights, home)


@pytest.fixture(scope="session")
def made(tiny: Model) -> Model:
    """The same, with both engines that read a graph in its home."""
    for name in GRAPHS:
        pytest.importorskip(name, reason=f"{name} is not installed")
        assert find_engine(name, tiny, 1)[1] == ()
    return tiny


@pytest.fixture
def model(made: Model, tmp_path: Path) -> Model:
    """A copy of it that a test may break."""
    return replace(made, home=Path(shutil.copytree(made.home, tmp_path / "engines")))


@pytest.fixture
def unmade(tiny: Model, tmp_path: Path) -> Model:
    """The same without any engine."""
    return replace(tiny, home=tmp_path / "engines")


@pytest.fixture
def no_export(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let an export be an error."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a graph was exported again")

    monkeypatch.setattr("repcat.inference.engine.make.trace", refuse)
    return refuse
