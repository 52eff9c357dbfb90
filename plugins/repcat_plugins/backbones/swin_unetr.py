"""The paper's backbone: Swin UNETR, from MONAI (Sec. 3.2; Hatamizadeh et al. 2022)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import torch
from annotated_types import Ge, Le, MultipleOf
from torch import nn
from torch.overrides import TorchFunctionMode
from typing_extensions import Doc

from repcat import Grid, PartError, need_same_size
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.monai_import import monai_network
from repcat_plugins.networks.size_checks import check_sides

Some = Annotated[int, Ge(1), Le(1_000)]
Four = tuple[Some, Some, Some, Some]


def swin_unetr(  # noqa: PLR0913  (each one an option of the recipe)
    source: Grid,
    target: Grid,
    *,
    feature_size: Annotated[
        int, Ge(12), Le(10_000), MultipleOf(12), Doc("channels of the first stage; multiple of 12")
    ] = 48,
    depths: Annotated[Four, Doc("attention blocks in each of the four stages")] = (2, 2, 2, 2),
    num_heads: Annotated[Four, Doc("attention heads in each of the four stages")] = (3, 6, 12, 24),
    window: Annotated[int, Ge(2), Le(1_024), Doc("side of an attention window, in tokens")] = 7,
    drop_rate: Annotated[float, Ge(0), Le(1), Doc("share of features dropped in training")] = 0.0,
    attn_drop_rate: Annotated[
        float, Ge(0), Le(1), Doc("share of attention weights dropped in training")
    ] = 0.0,
    drop_path_rate: Annotated[
        float, Ge(0), Le(1), Doc("share of residual paths dropped in training, in the last block")
    ] = 0.0,
    version2: Annotated[
        bool, Doc("a residual convolution before each stage: Swin UNETR v2 (He et al. 2023)")
    ] = False,
    checkpointing: Annotated[
        bool, Doc("recompute activations in the backward pass: less memory, slower")
    ] = False,
    flash: Annotated[
        bool, Doc("fused attention where no gradient is asked, same values to 1e-6")
    ] = True,
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build MONAI's Swin UNETR: windowed attention, coarse to fine, with skip connections.

    62,188,387 weights at feature size 48 with 2 views, 72,763,747 in version 2. Each side must be a
    multiple of 32; 64^3 is the smallest cube that trains.
    """
    SwinUNETR = monai_network("SwinUNETR")
    need_same_size(source, target, "swin_unetr")
    # MONAI takes 32^3 too, but its coarsest map, one voxel, has no variance.
    cure = "set data.size to 64, 96 or 128, or use backbone 'unet'"
    check_sides(source.size, 32, "swin_unetr", cure)
    _check_even_heads(feature_size, num_heads)
    with _LinspaceOnCpu():
        network: nn.Module = SwinUNETR(
            in_channels=source.channels,
            out_channels=target.channels,
            spatial_dims=3,
            feature_size=feature_size,
            depths=depths,
            num_heads=num_heads,
            window_size=window,
            drop_rate=drop_rate,
            attn_drop_rate=attn_drop_rate,
            dropout_path_rate=drop_path_rate,
            use_checkpoint=checkpointing,
            use_v2=version2,
            use_flash_attention=flash,
        )
    return with_output(network, output)


def _check_even_heads(feature_size: int, num_heads: Four) -> None:
    for stage, heads in enumerate(num_heads):
        width = feature_size * 2**stage
        if heads < 1 or width % heads:
            msg = (
                f"backbone 'swin_unetr': num_heads[{stage}] = {heads} does not divide the {width} "
                f"channels of that stage; change num_heads or feature_size"
            )
            raise PartError(msg, code="wrong-options")


class _LinspaceOnCpu(TorchFunctionMode):
    """Let MONAI read its drop-path rates as numbers even while building on the meta device."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401  (whatever torch returns)
        named = dict(kwargs or {})
        if func is torch.linspace:
            named.setdefault("device", "cpu")
        return func(*args, **named)
