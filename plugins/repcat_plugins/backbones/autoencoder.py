"""The asymmetric rival of Fig. 3, rows 1 and 2: 2D features, a latent, a 3D decoder."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Annotated

from annotated_types import Ge, Le
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import Grid, PartError
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.decoder import Decoder, start_of
from repcat_plugins.networks.encoder import ImageEncoder
from repcat_plugins.networks.norm import Norm, norm_of


def autoencoder(
    source: Grid,
    target: Grid,
    *,
    latent: Annotated[
        int,
        Ge(1),
        Le(10_000),
        Doc("numbers in the latent: M of Sec. 3.3; of each voxel of a coarse grid"),
    ] = 512,
    l2_norm: Annotated[
        bool, Doc("divide the latent by its norm, of each voxel on a coarse grid: Fig. 3, row 2")
    ] = False,
    width: Annotated[
        int,
        Ge(1),
        Le(10_000),
        Doc("channels of the finest map of the decoder, and of an encoder of images"),
    ] = 32,
    widest: Annotated[int, Ge(1), Le(10_000), Doc("most channels in a map")] = 256,
    norm: Annotated[Norm, Doc("normalisation after each convolution")] = "batch",
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build the 2D-3D autoencoder: from a point, a coarse grid or images, without skip connections.

    A point or a coarse grid are features that a mapper has fused over views (`encoder2d`); images
    (`views`) are stacked as channels and encoded here. 15,616,801 weights by default from a point
    of 512 at 64^3, 18,141,921 from two images. Sizes are 4 to 7 times a power of two.
    """
    start = _start(source, target)
    middle = Grid(min(width * (target.size[0] // start[0]), widest), start)
    network = AutoEncoder(
        _encoder(source, latent, partial(ImageEncoder, width=width, widest=widest, norm=norm)),
        nn.Sequential(
            _spread(source, latent, middle), norm_of(norm, middle.channels, 3), nn.ReLU()
        ),
        Decoder(middle, target, width=width, widest=widest, norm=norm),
        l2_norm,
    )
    return with_output(network, output)


class AutoEncoder(nn.Module):
    """Encode to a latent, spread it over the decoder's first grid, decode."""

    def __init__(
        self, encode: nn.Module, spread: nn.Module, decode: nn.Module, l2_norm: bool
    ) -> None:
        super().__init__()
        self.encode, self.spread, self.decode = encode, spread, decode
        self.l2_norm = l2_norm

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, C), (B, C, d, h, w) or (B, N, rows, columns) into a volume."""
        latent = self.encode(x)
        if self.l2_norm:
            latent = F.normalize(latent, dim=1)
        volume: Tensor = self.decode(self.spread(latent))
        return volume


def _start(source: Grid, target: Grid) -> tuple[int, ...]:
    """Choose the decoder's first grid: 4 to 7 voxels a side, or as fine as a coarse grid."""
    coarse = len(source.size) == 3
    start = start_of(target.size, source.size if coarse else (4, 4, 4))
    if start == target.size or (not coarse and min(start) > 7):
        msg = (
            f"backbone 'autoencoder' cannot go from {source} to {target} by doubling: it takes a "
            "point, images or a coarse grid (mapper 'encoder2d' or 'views') and a volume whose "
            "sides are 4 to 7 times a power of two, such as 32, 48, 64, 96 or 128"
        )
        raise PartError(msg, code="sizes-do-not-meet")
    return start


def _encoder(source: Grid, latent: int, images: Callable[[Grid, int], nn.Module]) -> nn.Module:
    if len(source.size) == 2:
        return images(source, latent)
    if source.size:
        return nn.Conv3d(source.channels, latent, 1)
    return nn.Linear(source.channels, latent)


def _spread(source: Grid, latent: int, middle: Grid) -> nn.Module:
    if len(source.size) == 3:
        grow = nn.Upsample(middle.size, mode="trilinear", align_corners=False)
        return nn.Sequential(grow, nn.Conv3d(latent, middle.channels, 1))
    numbers = middle.channels * math.prod(middle.size)
    return nn.Sequential(
        nn.Linear(latent, numbers), nn.Unflatten(1, (middle.channels, *middle.size))
    )
