"""The last layer alone, for mappers that have a 3D network of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from torch import nn
from typing_extensions import Doc

from repcat import Grid, need_same_size
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.bias_volume import BiasSize, BiasVolume


def head(
    source: Grid,
    target: Grid,
    *,
    kernel: Annotated[Literal[1, 3], Doc("voxels a side that the convolution sees")] = 3,
    bias_volume: BiasSize = 16,
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build one convolution, 0 at first, on a learnt volume: it starts as the mean patient.

    For mappers that give as many voxels as the target has and have seen to context themselves,
    such as 'lift'.
    """
    need_same_size(source, target, "head")
    last = nn.Conv3d(source.channels, target.channels, kernel, padding=kernel // 2)
    nn.init.zeros_(last.weight)
    assert last.bias is not None
    nn.init.zeros_(last.bias)
    if not bias_volume:
        return with_output(last, output)
    return with_output(nn.Sequential(last, BiasVolume(target, bias_volume)), output)
