"""nnU-Net's network, from MONAI (Isensee et al. 2021, doi:10.1038/s41592-020-01008-z)."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Len, Lt
from torch import nn
from typing_extensions import Doc

from repcat import Grid, need_same_size
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.monai_import import monai_network
from repcat_plugins.networks.size_checks import MOST_LEVELS, Channels, check_channels, check_sides


def dynunet(
    source: Grid,
    target: Grid,
    *,
    channels: Annotated[
        Channels,
        Len(3, MOST_LEVELS),
        Doc("channels of each level, finest first; each next level has half the side"),
    ] = (32, 64, 128, 256, 320),
    res_block: Annotated[bool, Doc("add the input of each pair of convolutions to it")] = False,
    norm: Annotated[
        Literal["instance", "batch"], Doc("normalisation after each convolution")
    ] = "instance",
    dropout: Annotated[float, Ge(0), Lt(1), Doc("share of features dropped in training")] = 0.0,
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build MONAI's DynUNet: pairs of convolutions at each level, as nnU-Net plans them.

    16,544,481 weights by default with 2 views. Each side must be divisible by 2 a level (16 by
    default), and the coarsest level must have more than one voxel. No deep supervision.
    """
    DynUNet = monai_network("DynUNet")
    need_same_size(source, target, "dynunet")
    check_channels(channels, 1, "dynunet")
    cure = "change data.size, or use fewer levels in channels"
    check_sides(source.size, 2 ** (len(channels) - 1), "dynunet", cure)
    network: nn.Module = DynUNet(
        spatial_dims=3,
        in_channels=source.channels,
        out_channels=target.channels,
        kernel_size=(3,) * len(channels),
        strides=(1,) + (2,) * (len(channels) - 1),
        upsample_kernel_size=(2,) * (len(channels) - 1),
        filters=channels,
        dropout=dropout,
        norm_name=(norm, {"affine": True}),
        res_block=res_block,
    )
    return with_output(network, output)
