"""bf16 on a CPU: convolutions in fp32 where torch's own are wrong, or emulated and slow.

In bf16 torch 2.13 gives garbage as the weight gradient of a 3D convolution of maps of 2 voxels a
side, up to 1e36 (3 and 4 are right): the bottom of Swin UNETR at 64^3, for example. So it does, in
2D too, where a convolution strides over a map of 1: what memory held before comes out, NaN where it
was filled with NaN (15 of 15 times), right figures on a fresh page.

A processor that only emulates bf16 takes 26 times as long for such a layer as in fp32. There it is
computed in fp32 on operands rounded to bf16 and rounded itself, which is what the hardware does.

Everything else runs as torch's autocast has it: products and convolutions in bf16 on weights that
are kept, moved and averaged in fp32; norms and softmax sum up in fp32; objectives turn features and
volumes into fp32 before a loss.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import torch
from torch import Tensor, nn

from repcat.device import half_precision_on_cpu

MARK = "ran_in_fp32"
MOST_NAMED = 3


def guard_bf16(*modules: nn.Module) -> None:
    """Let convolutions of the modules compute bf16 right, and not by emulation where torch has it.

    Only under autocast on a CPU. On maps whose bf16 gradients are wrong they run in fp32 where
    gradients are kept; forward bf16 is right.
    """
    for module in modules:
        for layer in module.modules():
            convolves = isinstance(layer, nn.Conv2d | nn.Conv3d) and max(layer.kernel_size) > 1
            if convolves and not hasattr(layer, MARK):
                layer.__class__ = _guarded(type(layer))  # type: ignore[arg-type]
                setattr(layer, MARK, False)


def fp32_layers(*modules: nn.Module) -> list[str]:
    """Name the layers that ran in fp32 so far."""
    named = (pair for module in modules for pair in module.named_modules())
    return [name for name, layer in named if getattr(layer, MARK, False)]


def told_fp32(names: list[str]) -> str:
    """Say which layers run in fp32, and why."""
    few = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
    plural = "s" * (len(names) != 1)
    return (
        f"bf16: {len(names)} convolution{plural} run in fp32, as torch's bf16 is wrong on a CPU: "
        f"{few}; docs/messages.md#bf16-on-a-cpu"
    )


def is_wrong_in_bf16(layer: nn.Conv2d | nn.Conv3d, maps: Tensor) -> bool:
    """Whether torch computes a wrong weight gradient of this convolution of maps (B, C, ...)."""
    sides = maps.shape[2:]
    return (1 in sides and max(layer.stride) > 1) or (2 in sides and len(sides) == 3)


def _rounded(values: Tensor) -> Tensor:
    return values.bfloat16().float()


@cache
def _guarded(kind: type[nn.Module]) -> type[nn.Module]:
    """Derive a guarded convolution; copies of it are guarded as well."""

    def forward(self: Any, maps: Tensor) -> Any:  # noqa: ANN401  (as `kind` has it)
        half = _is_half(maps) and torch.is_grad_enabled()
        if not (half and is_wrong_in_bf16(self, maps)):
            return kind.forward(self, maps)
        setattr(self, MARK, True)
        with torch.autocast("cpu", enabled=False):
            return kind.forward(self, maps.float())

    def _conv_forward(self: Any, maps: Tensor, weight: Tensor, bias: Any) -> Any:  # noqa: ANN401
        convolve = cast("Any", kind)._conv_forward
        if not _is_half(maps) or half_precision_on_cpu():
            return convolve(self, maps, weight, bias)
        with torch.autocast("cpu", enabled=False):
            sums = convolve(self, _rounded(maps), _rounded(weight), bias)
        return sums.bfloat16()

    body = {"forward": forward, "_conv_forward": _conv_forward, "__module__": kind.__module__}
    return type(kind.__name__, (kind,), body)


def _is_half(maps: Tensor) -> bool:
    return torch.is_autocast_enabled("cpu") and maps.device.type == "cpu"
