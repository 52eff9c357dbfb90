"""Graph: a module traced by torch.export and written as ONNX, and such a file run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from repcat.types import Prediction

# One ONNX file holds at most 2 GB; weights beyond lie beside it.
ONE_FILE_BYTES = 1_900_000_000
Names = tuple[str, str]  # of a graph's input and its output


class VolumeOf(nn.Module):
    """A backbone alone, without its branches: (B, C, *size) to volumes (B, 1, D, H, W)."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, read: Tensor) -> Tensor:
        """Compute the volumes of what a mapper gave."""
        out: Tensor | Prediction = self.backbone(read)
        return out.volume if isinstance(out, Prediction) else out


def trace(module: nn.Module, example: Tensor, *, free: bool) -> torch.export.ExportedProgram:
    """Trace a module of one tensor (B, ...) whose forward calls it by any name.

    Its batch axis is free, or one of the example's first patient alone. Raises what torch or the
    module raises.
    """
    # An axis of one patient would be taken for a constant.
    pair = example.repeat(2, *[1] * (example.dim() - 1))[:2] if free else example[:1]
    shapes = ({0: torch.export.Dim("batch")},) if free else None
    # Not under no_grad: there a CPU picks an attention whose memory layout ONNX cannot follow.
    with _OneHead():
        return torch.export.export(module, (pair,), dynamic_shapes=shapes, strict=False)


def write_onnx(
    program: torch.export.ExportedProgram,
    file: Path,
    names: Names,
    *,
    free: bool,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write a traced module as an ONNX file with facts in its metadata.

    Raises:
        torch.onnx.errors.OnnxExporterError: where ONNX has no word for something in it.
    """
    with warnings.catch_warnings(action="ignore"):  # the exporter's own about its own versions
        made = torch.onnx.export(
            program,
            dynamo=True,
            input_names=[names[0]],
            output_names=[names[1]],
            dynamic_shapes={names[0]: {0: "batch"}} if free else None,
            verbose=False,
        )
        assert made is not None
        made.model.metadata_props.update(facts or {})
        weights = sum(v.numel() * v.element_size() for v in program.state_dict.values())
        made.save(str(file), external_data=weights > ONE_FILE_BYTES)


def open_onnx(file: Path, names: Names) -> Callable[[Tensor], Tensor]:
    """Open an ONNX file as a function of a tensor, run by onnxruntime on the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    # Threads that wait by spinning would take the cores from what computes next to it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def run(read: Tensor) -> Tensor:
        return torch.from_numpy(session.run([names[1]], {names[0]: read.contiguous().numpy()})[0])

    return run


def deepest(error: BaseException) -> str:
    """Return the first cause of an exporter's long report, in 160 letters of one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split())[:160]


class _OneHead(TorchFunctionMode):
    """Give attention of one head, (B, L, C), its axis of heads: ONNX knows no other."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401  (whatever torch returns)
        named = kwargs or {}
        if func is F.scaled_dot_product_attention and len(args) == 3 and args[0].dim() == 3:
            return func(*(x.unsqueeze(1) for x in args), **named).squeeze(1)
        return func(*args, **named)
