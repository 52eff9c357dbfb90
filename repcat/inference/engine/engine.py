"""Engine: a function that computes a backbone, opened for use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from repcat.inference.engine.graph import VolumeOf, open_onnx
from repcat.inference.engine.kinds import EAGER, KINDS, Kind

GRAPH, NAMES = "model.onnx", ("read", "volume")
Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Engine:
    """What computes a backbone: `run` takes (1, C, *size) of a mapper to (1, 1, D, H, W), float32.

    `label` names it with its version, as records keep it.
    """

    label: str
    run: Function

    @property
    def name(self) -> str:
        """The name alone, as --engine takes it."""
        return self.label.partition(" ")[0]

    def volumes(self, read: Tensor) -> Tensor:
        """Compute (B, C, *size) to (B, 1, D, H, W), a patient at a time."""
        return torch.cat([self.run(one) for one in read.split(1)])


def eager_engine(backbone: VolumeOf) -> Engine:
    """Return the backbone itself."""
    return Engine(EAGER, backbone)


def open_engine(kind: Kind, backbone: VolumeOf, folder: Path) -> Engine:
    """Open an engine whose files lie in a folder; raises what the library raises."""
    if not kind.graph:
        return Engine(kind.label, torch.compile(backbone, dynamic=False))
    file = folder / GRAPH
    if kind.package == KINDS["onnxruntime"].package:
        return Engine(kind.label, open_onnx(file, NAMES))
    return Engine(kind.label, _open_openvino(file, "bf16" if "bf16" in kind.name else "f32"))


def _open_openvino(file: Path, precision: str) -> Function:
    """Open an ONNX file by OpenVINO on the processor.

    `Core.read_model` opens no connection; OpenVINO's own converters would report their use.
    """
    import openvino

    settings = {
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
    }
    model = openvino.Core().compile_model(str(file), "CPU", settings)
    # A result is a view of memory that the next patient is written to.
    return lambda read: torch.from_numpy(model(read.contiguous().numpy())[0].copy())
