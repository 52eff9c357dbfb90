"""The weight gradient of 3D convolutions by matrix products, where a CPU has no kernel for it.

oneDNN has kernels for the weight gradient of a 3D convolution for AVX-512 only; with AVX2 alone it
falls to an unfused product that takes two to four times the time of the forward. Here the 27
offsets of a 3x3x3 kernel are one product: 3 copies of one side's maps, shifted along the depth,
by 9 copies of the other's, shifted in the plane, in slabs of planes that stay in the cache.

Two more paths of torch that such a CPU meets are left: a batch of one small map, which torch keeps
from oneDNN (`MISSED`), forward and back, and the input gradient where there is one channel, for
which oneDNN has no kernel in that direction though it has one for the same product forward.

Numbers differ from torch's by the order of sums alone; under autocast, in `torch.compile` and in a
graph that is differentiated twice torch computes as ever.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

MARK = "weighs_by_products"
SLAB = 8 * 2**20  # bytes of nine shifted copies: the third level of the cache holds them
MISSED = 20_480  # torch: batch, channels, depth and height multiplied up to this leave oneDNN out
LEAST = 8192  # voxels of a map from which products win at its weight gradient
FEW = 4  # outgoing channels up to which the input gradient is faster as a forward
ONES = [1, 1, 1]


def weigh_by_products(*modules: nn.Module) -> None:
    """Let 3x3x3 convolutions of the modules compute by products what this CPU lacks kernels for.

    Stride 1, zeros as padding, no groups; weights and names stay as they are. Nothing changes on
    another CPU.
    """
    lacking = torch.backends.cpu.get_cpu_capability() == "AVX2"
    if not (lacking and torch.backends.mkldnn.is_available()):
        return
    for module in modules:
        for layer in module.modules():
            if isinstance(layer, nn.Conv3d) and _is_plain(layer) and not hasattr(layer, MARK):
                layer.__class__ = _weighing(type(layer))  # type: ignore[arg-type]


def wins(maps: Tensor) -> bool:
    """Whether products beat torch at the weight gradient of maps (B, C, D, H, W).

    Times as fast as torch on two cores with AVX2, by channels @ side and batch B: 1 @ 48 B2 4.7,
    8 @ 32 B2 3.2, 12 @ 32 B1 4.5, 16 @ 24 B2 1.95, 128 to 64 @ 32 B1 1.96, 64 to 32 @ 64 B1 1.6;
    and 32 @ 12 B2 .64, 64 @ 6 B2 .71, 16 @ 16 B4 .72.
    """
    return maps.shape[2:].numel() >= LEAST


def is_missed(maps: Tensor) -> bool:
    """Whether torch computes the convolution of maps (B, C, D, H, W) without oneDNN."""
    small = maps.shape[1] * maps.shape[2] * maps.shape[3] <= MISSED
    return len(maps) == 1 and small and maps.shape[2:].numel() >= 512


def convolve(maps: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Convolve fp32 maps (B, C, D, H, W) with (O, C, 3, 3, 3) by oneDNN, whatever their size."""
    if not is_missed(maps):
        return nn.functional.conv3d(maps, weight, bias, padding=1)
    found: Tensor = torch.ops.aten.mkldnn_convolution(maps, weight, bias, ONES, ONES, ONES, 1)
    return found


def weight_gradient(gradient: Tensor, maps: Tensor) -> Tensor:
    """Return (O, C, 3, 3, 3): sums over patients and voxels of gradient[o, v] maps[c, v + k - 1].

    Takes (B, O, D, H, W) and (B, C, D, H, W). The side of fewer channels has the nine copies.
    """
    if gradient.shape[1] < maps.shape[1]:
        return weight_gradient(maps, gradient).flip(2, 3, 4).transpose(0, 1)
    out, (channels, depth, height, width) = gradient.shape[1], maps.shape[1:]
    room = 9 * channels * height * width * maps.element_size()
    planes = max(1, SLAB // room)
    sums = maps.new_zeros(3 * out, 9 * channels)
    for one_gradient, one_maps in zip(gradient, maps, strict=True):
        padded = pad(one_maps, (1, 1, 1, 1)), pad(one_gradient.flatten(2), (0, 0, 1, 1))
        for first in range(0, depth, planes):
            last = min(first + planes, depth)
            nine = padded[0][:, first:last].unfold(2, height, 1).unfold(3, width, 1)
            rows = nine.permute(2, 3, 0, 1, 4, 5).reshape(9 * channels, -1)
            three = [padded[1][:, first + 2 - k : last + 2 - k].flatten(1) for k in range(3)]
            torch.addmm(sums, torch.cat(three), rows.T, out=sums)
    return sums.view(3, out, 3, 3, channels).permute(1, 4, 0, 2, 3).contiguous()


class Convolution(torch.autograd.Function):
    """A 3x3x3 convolution of fp32 maps whose gradients take the faster way there is."""

    @staticmethod
    def forward(maps: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return (B, O, D, H, W)."""
        return convolve(maps, weight, bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ANN401
        """Keep what the gradients are made of."""
        ctx.save_for_backward(*inputs[:2])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:  # noqa: ANN401  (torch's signature)
        """Return the gradients that are wanted, of maps, weight and bias."""
        maps, weight = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        if torch.is_grad_enabled():  # to be differentiated again: torch knows how
            return _by_torch(gradient, maps, weight, wanted)
        by_product = wanted[1] and (is_missed(maps) or wins(maps))
        turned = wanted[0] and (is_missed(gradient) or len(weight) <= FEW)
        rest = (wanted[0] and not turned, wanted[1] and not by_product, False)
        of_maps, of_weight, _ = _by_torch(gradient, maps, weight, rest)
        # not torch's: with the bias it computes the weight's gradient, wanted or not
        of_bias = gradient.sum((0, 2, 3, 4)) if wanted[2] else None
        if by_product:
            of_weight = weight_gradient(gradient, maps)
        if turned:
            of_maps = convolve(gradient, weight.flip(2, 3, 4).transpose(0, 1))
        return of_maps, of_weight, of_bias


def _by_torch(gradient: Tensor, maps: Tensor, weight: Tensor, wanted: tuple[bool, ...]) -> Any:  # noqa: ANN401
    if not any(wanted):
        return None, None, None
    geometry = (ONES, ONES, ONES, False, [0, 0, 0], 1)
    return torch.ops.aten.convolution_backward(
        gradient, maps, weight, [len(weight)], *geometry, wanted
    )


def _is_plain(layer: nn.Conv3d) -> bool:
    geometry = (layer.kernel_size, layer.stride, layer.dilation, layer.padding, layer.groups)
    usual = ((3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1)
    own = type(layer)._conv_forward is nn.Conv3d._conv_forward
    return geometry == usual and layer.padding_mode == "zeros" and own


@cache
def _weighing(kind: type[nn.Conv3d]) -> type[nn.Conv3d]:
    """Derive a convolution that takes the faster gradients; copies of it do as well."""

    def _conv_forward(self: Any, maps: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:  # noqa: ANN401
        fp32 = maps.dtype == weight.dtype == torch.float32 and maps.device.type == "cpu"
        aside = torch.is_autocast_enabled("cpu") or torch.compiler.is_compiling()
        if aside or not fp32 or maps.dim() != 5:
            usual: Tensor = kind._conv_forward(self, maps, weight, bias)
            return usual
        found: Tensor = Convolution.apply(maps, weight, bias)  # type: ignore[no-untyped-call]
        return found

    body = {"_conv_forward": _conv_forward, MARK: True, "__module__": kind.__module__}
    return type(kind.__name__, (kind,), body)
