"""The backbone `x2ct`."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le, Len, Lt
from torch import nn
from typing_extensions import Doc

from repcat import Grid
from repcat_x2ct.channel_plan import Plan, check_grids
from repcat_x2ct.generator import Pieces, generator


def x2ct(
    source: Grid,
    target: Grid,
    *,
    width: Annotated[int, Ge(1), Le(10_000), Doc("channels of the 2D encoder's stem")] = 64,
    growth: Annotated[int, Ge(1), Le(10_000), Doc("channels that a dense layer appends")] = 32,
    layers: Annotated[
        tuple[Annotated[int, Ge(1), Le(1_000)], ...],
        Len(5, 5),
        Doc("dense layers of each of the encoder's five stages"),
    ] = (6, 12, 24, 16, 6),
    decoder_width: Annotated[
        int,
        Ge(1),
        Le(10_000),
        Doc("channels of the finest 3D map; the coarsest has 16 times as many"),
    ] = 16,
    dropout: Annotated[
        float, Ge(0), Lt(1), Doc("share of the latent dropped in training, in connection A")
    ] = 0.5,
    branches: Annotated[
        bool,
        Doc(
            "of two views, also end each view's own decoder in a volume; false leaves out this "
            "work and changes nothing in the fused volume"
        ),
    ] = True,
) -> nn.Module:
    """Build X2CT-GAN's generator (Ying et al. 2019), of one frontal view or of two.

    29,384,481 weights for one view at 128^3; 61,740,467 for two, 41,526,707 at 64^3. It reads what
    mapper `x2ct_views` gives. Branches `frontal` and `lateral` are the views' own volumes.
    """
    check_grids(source, target, "x2ct")
    plan = Plan(target.size[0], width, growth, layers, decoder_width, dropout)
    return generator(source.channels, plan, Pieces(), branches)
