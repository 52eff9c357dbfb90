"""Traced graph: what ONNX is made from, and torch's own .pt2 file.

`torch.export.save` writes weights as raw bytes and the graph as JSON; only the example inputs are a
pickle, so they are left out, and a file that still holds one is refused. TorchScript would be no
way round: its archives keep code and attributes in data.pkl.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from repcat.errors import PartError
from repcat.export.metadata import facts
from repcat.export.reconstruction import Reconstruction
from repcat.export.source import Subject
from repcat.inference.engine import graph

USE = """\
```python
import torch

extra = {"repcat.json": ""}  # filled with geometry, window and views
reconstruct = torch.export.load("model.pt2", extra_files=extra).module()
volume = reconstruct(xrays)  # on the CPU, float32, as said below
```
"""
FILES = ("`model.pt2`: torch.export's graph with its weights, no pickle in it",)


@dataclass(frozen=True, slots=True)
class Traced:
    """A graph from `xrays` to a volume in HU; `free` where it takes any number of patients."""

    program: torch.export.ExportedProgram
    free: bool


def trace(subject: Subject) -> Traced:
    """Trace the run's network; its batch axis is free unless a part holds it fast.

    Raises:
        PartError: naming the part that torch.export cannot trace.
    """
    module = subject.reconstruction()
    with warnings.catch_warnings(action="ignore"):  # torch's own about its own decompositions
        for free in (True, False):
            try:
                return Traced(graph.trace(module, subject.xrays, free=free), free)
            except Exception as error:  # noqa: BLE001  (a part's or torch's, of any kind)
                reason = error
        raise PartError(_blame(subject, reason), code="not-traceable") from None


def write_program(subject: Subject, traced: Traced, file: Path) -> None:
    """Write a .pt2 file with repcat's facts beside the graph, and no pickle in it.

    Raises:
        PartError: where a part brings something that torch can only pickle.
    """
    program = traced.program
    program._example_inputs = None  # the one thing torch.export pickles
    with warnings.catch_warnings(action="ignore"):
        torch.export.save(program, file, extra_files={"repcat.json": json.dumps(facts(subject))})
    found = pickles(file)
    if found:
        msg = (
            f"backbone {subject.recipe.backbone.use!r} or mapper {subject.recipe.mapper.use!r} "
            f"holds what torch.export can only pickle ({found[0]}), and repcat writes no pickle; "
            "export with --onnx or without a format"
        )
        raise PartError(msg, code="needs-pickle")


def read_program(file: Path) -> Callable[[Tensor], Tensor]:
    """Read a .pt2 file as a function from X-rays to HU."""
    with warnings.catch_warnings(action="ignore"):
        module: Callable[[Tensor], Tensor] = torch.export.load(file).module()
    return module


def pickles(file: Path) -> list[str]:
    """Name what in a .pt2 archive torch would unpickle on loading."""
    found = []
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith(".pkl") or ("/sample_inputs/" in name and archive.read(name)):
                found.append(name)
            if name.endswith(("_weights_config.json", "_constants_config.json")):
                items = json.loads(archive.read(name))["config"].items()
                found += [key for key, about in items if about["use_pickle"]]
    return found


def _blame(subject: Subject, reason: Exception) -> str:
    """Say which part cannot be traced."""
    kind, name = "backbone", subject.recipe.backbone.use
    try:
        graph.trace(_MapperOnly(subject.reconstruction()), subject.xrays, free=False)
    except Exception:  # noqa: BLE001  (as above)
        kind, name = "mapper", subject.recipe.mapper.use
    words = " ".join(str(reason).split())[:160]
    return (
        f"{kind} {name!r} cannot be exported: torch.export cannot trace it ({words}); export the "
        "folder without a format, which repcat.load reads"
    )


class _MapperOnly(nn.Module):
    """The first half of a reconstruction."""

    def __init__(self, whole: Reconstruction) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, xrays: Tensor) -> Tensor:
        """Return what the backbone would read."""
        read: Tensor = self.whole.network.mapper(self.whole.batch(xrays))
        return read
