"""A residual U-Net, from MONAI (Kerfoot et al. 2018)."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len, Lt
from torch import nn
from typing_extensions import Doc

from repcat import Grid, PartError, need_same_size
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.bias_volume import BiasSize, on_bias
from repcat_plugins.networks.interpolated_rise import interpolate_up
from repcat_plugins.networks.monai_import import monai_network
from repcat_plugins.networks.size_checks import MOST_LEVELS, Channels, check_sides


def unet(  # noqa: PLR0913  (each one an option of the recipe)
    source: Grid,
    target: Grid,
    *,
    channels: Annotated[
        Channels,
        Len(2, MOST_LEVELS),
        Doc("channels of each level, finest first; two or more levels"),
    ] = (16, 32, 64, 128, 256),
    strides: Annotated[
        tuple[Annotated[int, Ge(1), Le(64)], ...],
        Len(0, MOST_LEVELS),
        Doc("how much smaller each next level is; empty: 2 everywhere"),
    ] = (),
    res_units: Annotated[
        int, Ge(0), Le(100), Doc("convolutions in each residual unit; 0: a plain U-Net")
    ] = 2,
    norm: Annotated[
        Literal["instance", "batch"], Doc("normalisation after each convolution")
    ] = "instance",
    act: Annotated[
        Literal["prelu", "relu", "leakyrelu", "gelu", "elu"],
        Doc("activation after each convolution"),
    ] = "prelu",
    dropout: Annotated[float, Ge(0), Lt(1), Doc("share of features dropped in training")] = 0.0,
    upsample: Annotated[
        Literal["transposed", "linear", "nearest"],
        Doc(
            "the way up: 'transposed' convolutions, MONAI's, which leave a lattice; 'linear' or "
            "'nearest' interpolation and a convolution"
        ),
    ] = "transposed",
    bias_volume: BiasSize = 0,
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build MONAI's U-Net of residual units.

    Each side must be divisible by the product of the strides (16 by default), and the coarsest
    level must have more than one voxel, or its normalisation would erase it. With a bias volume the
    network starts at 0 on it.
    """
    UNet = monai_network("UNet")
    need_same_size(source, target, "unet")
    strides = strides or (2,) * (len(channels) - 1)
    _check_levels(channels, strides)
    cure = "change data.size, or use fewer levels in channels"
    check_sides(source.size, math.prod(strides), "unet", cure)
    network: nn.Module = UNet(
        spatial_dims=3,
        in_channels=source.channels,
        out_channels=target.channels,
        channels=channels,
        strides=strides,
        num_res_units=res_units,
        norm=norm.upper(),
        act=act.upper(),
        dropout=dropout,
    )
    if upsample != "transposed":
        interpolate_up(network, upsample)
    return with_output(on_bias(network, target, bias_volume), output)


def _check_levels(
    channels: tuple[int, ...],
    strides: tuple[int, ...],
) -> None:
    if min(*channels, *strides) < 1:
        msg = f"backbone 'unet' takes channels and strides from 1 up, not {channels} and {strides}"
        raise PartError(msg, code="wrong-options")
    if len(strides) != len(channels) - 1:
        msg = (
            f"backbone 'unet' has {len(channels)} levels in channels and so needs "
            f"{len(channels) - 1} strides, not {len(strides)}; or leave strides out"
        )
        raise PartError(msg, code="wrong-options")
