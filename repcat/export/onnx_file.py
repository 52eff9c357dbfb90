"""ONNX: the network as a file, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor

from repcat.data.loader import PatientCache
from repcat.errors import PartError, RepcatError
from repcat.export.metadata import facts
from repcat.export.source import Subject
from repcat.export.traced import Traced
from repcat.inference.engine import graph
from repcat.io.notice import SYNTHETIC
from repcat.io.volumes import write_mha

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
NAMES = ("xrays", "volume")
USE = """\
```python
import onnxruntime

session = onnxruntime.InferenceSession("model.onnx")
(volume,) = session.run(["volume"], {"xrays": xrays})  # float32, as said below
print(session.get_modelmeta().custom_metadata_map)     # geometry, window, views
```
"""
FILES = ("`model.onnx`: the graph with its weights; geometry, window and views in its metadata",)


@dataclass(frozen=True, slots=True)
class Ran:
    """One patient through onnxruntime and through torch: both volumes in HU, and the seconds."""

    volume: Tensor
    eager: Tensor
    seconds: float
    eager_seconds: float


def check_onnx() -> None:
    """Raise RepcatError where the extra is missing."""
    missing = [name for name in PACKAGES if not find_spec(name)]
    if missing:
        msg = f"--onnx needs {', '.join(missing)}: pip install 'repcat[onnx]'"
        raise RepcatError(msg, code="extra-missing")


def write_onnx(subject: Subject, traced: Traced, file: Path) -> None:
    """Write a graph from `xrays` to `volume` (HU) with repcat's facts in its metadata.

    Raises:
        PartError: where ONNX has no word for something that the backbone or the mapper does.
    """
    batch = "any number of patients" if traced.free else "one patient at a time"
    told = {**facts(subject), "batch": batch}
    try:
        graph.write_onnx(traced.program, file, NAMES, free=traced.free, facts=told)
    except torch.onnx.errors.OnnxExporterError as error:
        raise PartError(_words(subject, error), code="not-onnx") from None


def open_onnx(file: Path) -> Callable[[Tensor], Tensor]:
    """Open an ONNX file as a function from X-rays to HU, run by onnxruntime on the CPU."""
    return graph.open_onnx(file, NAMES)


def run_onnx(subject: Subject, file: Path, folder: Path) -> Iterator[Ran]:
    """Reconstruct each patient of the split by onnxruntime and by torch; writes <id>.mha in HU."""
    cache = PatientCache(subject.patients, subject.recipe)
    run, eager = open_onnx(file), subject.reconstruction()
    voxel_mm = subject.patients.geometry.voxel_mm
    for name in subject.patients.ids(subject.split):
        patient = subject.patients.load(name)
        xrays = cache.of(patient).xrays
        with torch.no_grad():
            ours, theirs = _timed(run, xrays), _timed(eager, xrays)
        write_mha(folder / f"{name}.mha", ours[0][0], voxel_mm, patient.centre_mm, SYNTHETIC)
        yield Ran(ours[0], theirs[0], ours[1], theirs[1])


def _timed(run: Callable[[Tensor], Tensor], xrays: Tensor) -> tuple[Tensor, float]:
    began = perf_counter()
    return run(xrays), perf_counter() - began


def _words(subject: Subject, error: Exception) -> str:
    """Name the operation that the exporter failed on, where its long report says which."""
    recipe = subject.recipe
    return (
        f"backbone {recipe.backbone.use!r} with mapper {recipe.mapper.use!r} cannot become ONNX "
        f"({graph.deepest(error)}); use --torch, or export the folder without a format"
    )
