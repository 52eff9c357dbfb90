"""A transformer that reads patches, and a convolutional decoder, from MONAI.

Hatamizadeh et al. 2022, arXiv:2103.10504.
"""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Ge, Le, Lt
from torch import nn
from typing_extensions import Doc

from repcat import Grid, PartError, need_same_size
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.monai_import import monai_network
from repcat_plugins.networks.size_checks import check_sides


def unetr(
    source: Grid,
    target: Grid,
    *,
    feature_size: Annotated[
        int, Ge(1), Le(10_000), Doc("channels of the finest level of the decoder")
    ] = 16,
    hidden_size: Annotated[
        int,
        Ge(1),
        Le(10_000),
        Doc("numbers that stand for a patch of 16^3; a multiple of num_heads"),
    ] = 768,
    mlp_dim: Annotated[
        int, Ge(1), Le(10_000), Doc("width inside each of the 12 transformer blocks")
    ] = 3072,
    num_heads: Annotated[
        int, Ge(1), Le(10_000), Doc("attention heads in each transformer block")
    ] = 12,
    dropout: Annotated[float, Ge(0), Lt(1), Doc("share of features dropped in training")] = 0.0,
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build MONAI's UNETR: 12 transformer blocks over patches of 16^3, read at four depths.

    95,813,265 weights by default with 2 views at 64^3. Each side must be a multiple of 16. The size
    of the volume is fixed: every patch has its own place.
    """
    UNETR = monai_network("UNETR")
    need_same_size(source, target, "unetr")
    check_sides(source.size, 16, "unetr", "change data.size", voxels=1)
    if hidden_size % num_heads:
        msg = (
            f"backbone 'unetr': num_heads = {num_heads} does not divide hidden_size = "
            f"{hidden_size}; change one of them"
        )
        raise PartError(msg, code="wrong-options")
    network: Any = UNETR(
        in_channels=source.channels,
        out_channels=target.channels,
        img_size=source.size,
        feature_size=feature_size,
        hidden_size=hidden_size,
        mlp_dim=mlp_dim,
        num_heads=num_heads,
        dropout_rate=dropout,
        spatial_dims=3,
    )
    # MONAI gives each block the norm of a cross-attention that UNETR has not.
    for block in network.vit.blocks:
        block.norm_cross_attn = nn.Identity()
    return with_output(network, output)
