"""A U-Net that weighs its skip connections, from MONAI (Oktay et al. 2018, arXiv:1804.03999)."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Len, Lt
from torch import nn
from typing_extensions import Doc

from repcat import Grid, need_same_size
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.monai_import import monai_network
from repcat_plugins.networks.size_checks import MOST_LEVELS, Channels, check_channels, check_sides


def attention_unet(
    source: Grid,
    target: Grid,
    *,
    channels: Annotated[
        Channels,
        Len(2, MOST_LEVELS),
        Doc("channels of each level, finest first; each next level has half the side"),
    ] = (16, 32, 64, 128, 256),
    dropout: Annotated[float, Ge(0), Lt(1), Doc("share of features dropped in training")] = 0.0,
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build MONAI's attention U-Net: a gate decides what of each skip connection passes.

    5,909,545 weights by default with 2 views. Each side must be divisible by 2 a level (16 by
    default), and the coarsest level must have more than one voxel.
    """
    AttentionUnet = monai_network("AttentionUnet")
    need_same_size(source, target, "attention_unet")
    check_channels(channels, 2, "attention_unet")
    cure = "change data.size, or use fewer levels in channels"
    check_sides(source.size, 2 ** (len(channels) - 1), "attention_unet", cure)
    network: nn.Module = AttentionUnet(
        spatial_dims=3,
        in_channels=source.channels,
        out_channels=target.channels,
        channels=channels,
        strides=(2,) * (len(channels) - 1),
        dropout=dropout,
    )
    return with_output(network, output)
