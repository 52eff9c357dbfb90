"""The released Swin UNETR: MONAI's, its attention a matrix in memory."""

from __future__ import annotations

from torch import nn


def plain_swin(views: int, feature_size: int) -> nn.Module:
    """Build the network that turns (B, views, S, S, S) into (B, 1, S, S, S)."""
    from monai.networks.nets import SwinUNETR

    network: nn.Module = SwinUNETR(
        in_channels=views,
        out_channels=1,
        feature_size=feature_size,
        depths=(2, 2, 2, 2),
        num_heads=(3, 6, 12, 24),
        window_size=7,
        use_flash_attention=False,
    )
    return network
