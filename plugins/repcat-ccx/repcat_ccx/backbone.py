"""The backbone `ccx_standin`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from annotated_types import Ge, Le, Len, Lt
from torch import nn
from typing_extensions import Doc

from repcat import Grid
from repcat_ccx.connection import DepthAware
from repcat_ccx.fusion import AdaptiveFusion
from repcat_ccx.transform import ModulatedEncoder
from repcat_x2ct.channel_plan import Plan, check_grids
from repcat_x2ct.generator import Pieces, generator


def ccx_standin(  # noqa: PLR0913  (each one an option of the recipe)
    source: Grid,
    target: Grid,
    *,
    condition: Annotated[
        int, Ge(1), Le(10_000), Doc("channels of the condition that the lung mask becomes")
    ] = 32,
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
    dropout: Annotated[float, Ge(0), Lt(1), Doc("share of the latent dropped in training")] = 0.5,
    branches: Annotated[
        bool, Doc("of two views, also end each view's own decoder in a volume")
    ] = True,
) -> nn.Module:
    """Build a stand-in for CCX-rayNet (Ratul et al. 2021), whose layers are not public.

    X2CT-GAN's generator with three changes: the encoder's features are modulated by a soft lung
    mask, a sigmoid mask weighs what crosses from 2D to 3D, and similarity weighs the views. Its
    figures are not CCX-rayNet's. It reads what mapper `x2ct_views` gives.
    """
    check_grids(source, target, "ccx_standin")
    plan = Plan(target.size[0], width, growth, layers, decoder_width, dropout)
    pieces = Pieces(partial(ModulatedEncoder, condition=condition), DepthAware, AdaptiveFusion)
    return generator(source.channels, plan, pieces, branches)
