"""Weights of a 2D encoder from a local file, all of them or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from repcat import PartError


def read_weights(path: str) -> dict[str, Tensor]:
    """Read a safetensors file of one of timm's encoders, by timm's names."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(Path(path).expanduser())
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:  # no such ~user
        msg = (
            f"mapper.weights = {path!r} cannot be read as safetensors ({error}); give the path of "
            "a file that is on this machine, for nothing is downloaded"
        )
        raise PartError(msg, code="file-damaged") from None


def overlay(weights: dict[str, Tensor]) -> dict[str, Any]:
    """Tell timm that an encoder's pretrained weights are these.

    With a state dict at hand timm asks no server; it adapts the first layer to one channel by
    adding up its colours, positions to the image size, and leaves the classifier out.
    """
    return {"source": "", "custom_load": False, "state_dict": dict(weights)}


def check_all(encoder: nn.Module, weights: dict[str, Tensor], path: str) -> None:
    """Raise PartError where a weight is not in the file: timm would leave it random in silence."""
    wanted = [k for k in encoder.state_dict() if not k.endswith("num_batches_tracked")]
    missing = [k for k in wanted if k not in weights]
    if missing:
        msg = (
            f"mapper.weights = {path!r} lacks {len(missing)} of the encoder's {len(wanted)} "
            f"tensors, {missing[0]!r} for one; it is a file of another encoder, or of a library "
            "with other names than timm's"
        )
        raise PartError(msg, code="other-weights")
