"""The table of the generator's channels: everything else follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from repcat import Grid, PartError

# Halvings from the image to connection A's map.
STRIDE = 32
# Channels between the two convolutions of a dense layer, in units of `growth`.
BOTTLENECK = 4
# Channels of decoder levels, coarsest first, in units of `decoder_width`.
DECODER = (16, 8, 4, 2, 1, 1)
# Plain convolutions of each level, coarsest first: of a view's decoder, of the fusion decoder.
VIEW_BLOCKS = (0, 2, 2, 2, 2, 1)
FUSION_BLOCKS = (0, 1, 1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of a generator; `edge` is the side of images and volume, a multiple of 32.

    With the defaults the maps have 64, 128, 256, 512, 512 and 704 channels, the decoders 256, 128,
    64, 32, 16 and 16.
    """

    edge: int
    width: int = 64
    growth: int = 32
    layers: tuple[int, ...] = (6, 12, 24, 16, 6)
    decoder_width: int = 16
    dropout: float = 0.5

    def __post_init__(self) -> None:
        if min(self.layers) < 1:
            msg = (
                "X2CT-GAN's encoder takes one dense layer or more a stage, not "
                f"{self.layers}; set backbone.layers"
            )
            raise PartError(msg, code="wrong-options")

    @property
    def dense(self) -> tuple[int, ...]:
        """Channels at the end of each stage's dense block: 256, 512, 1024, 1024, 704."""
        inside = zip(self.maps, self.layers, strict=False)
        return tuple(channels + layers * self.growth for channels, layers in inside)

    @property
    def maps(self) -> tuple[int, ...]:
        """Channels that enter each of the five stages, and that leave the last."""
        halved = accumulate(
            self.layers[:-1], lambda c, n: (c + n * self.growth) // 2, initial=self.width
        )
        inside = tuple(halved)
        return (*inside, inside[-1] + self.layers[-1] * self.growth)

    @property
    def decoder(self) -> tuple[int, ...]:
        """Channels of the decoder's levels, coarsest first."""
        return tuple(k * self.decoder_width for k in DECODER)

    @property
    def start(self) -> int:
        """Voxels a side at the coarsest level: 4 at 128."""
        return self.edge // STRIDE


def check_grids(source: Grid, target: Grid, name: str) -> None:
    """Raise PartError unless a network goes from one or two square images to a cube as wide.

    The least side is 64: at 32 the last map is one pixel, which instance normalisation erases.
    """
    edge = target.size[0]
    square = len(source.size) == 2 and {*source.size, *target.size} == {edge}
    if source.channels not in (1, 2) or not square or edge % STRIDE or edge < 2 * STRIDE:
        msg = (
            f"backbone {name!r} goes from one or two images to a cube of the same side, a "
            f"multiple of 32 from 64 up, not from {source} to {target}; use mapper 'x2ct_views' "
            "and data.size = 64, 96 or 128"
        )
        raise PartError(msg, code="wrong-sides")
