"""A residual encoder with a light decoder, from MONAI (Myronenko 2018, arXiv:1810.11654)."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Le, Len, Lt
from torch import nn
from typing_extensions import Doc

from repcat import Grid, PartError, need_same_size
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.monai_import import monai_network
from repcat_plugins.networks.size_checks import MOST_LEVELS, Blocks, check_sides


def segresnet(
    source: Grid,
    target: Grid,
    *,
    width: Annotated[
        int,
        Ge(1),
        Le(10_000),
        Doc("channels of the finest level, a multiple of groups; they double a level"),
    ] = 32,
    blocks: Annotated[
        Blocks,
        Len(2, MOST_LEVELS),
        Doc("residual blocks of each level of the encoder, finest first; the decoder has one each"),
    ] = (1, 2, 2, 4),
    groups: Annotated[int, Ge(1), Le(10_000), Doc("groups of channels normalised together")] = 8,
    upsample: Annotated[
        Literal["nontrainable", "deconv", "pixelshuffle"],
        Doc("how the decoder doubles: trilinear, transposed convolution, or channels to voxels"),
    ] = "nontrainable",
    dropout: Annotated[float, Ge(0), Lt(1), Doc("share of the first features dropped")] = 0.0,
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build MONAI's SegResNet, without its variational branch.

    18,796,833 weights by default with 2 views. Each side must be divisible by 2 a level (8 by
    default).
    """
    SegResNet = monai_network("SegResNet")
    need_same_size(source, target, "segresnet")
    if width % groups or min(blocks) < 1:
        msg = (
            f"backbone 'segresnet' takes a width that is a multiple of its {groups} groups, and 1 "
            f"block or more a level, not width {width} and blocks {blocks}"
        )
        raise PartError(msg, code="wrong-options")
    cure = "change data.size, or use fewer levels in blocks"
    check_sides(source.size, 2 ** (len(blocks) - 1), "segresnet", cure, voxels=1)
    network: nn.Module = SegResNet(
        spatial_dims=3,
        init_filters=width,
        in_channels=source.channels,
        out_channels=target.channels,
        dropout_prob=dropout or None,
        norm=("GROUP", {"num_groups": groups}),
        blocks_down=blocks,
        blocks_up=(1,) * (len(blocks) - 1),
        upsample_mode=upsample,
    )
    return with_output(network, output)
