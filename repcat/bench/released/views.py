"""The released input: views repeated and concatenated, all of them transposed."""

from __future__ import annotations

import torch
from torch import Tensor


def repeated_views(xrays_BNHW: Tensor) -> Tensor:
    """Return (B, N, S, W, H): each view repeated S times along a last axis, which is then turned.

    The released test of which views are turned is always true, so all of them are.
    """
    side = xrays_BNHW.shape[-1]
    volumes = [
        view.unsqueeze(4).repeat(1, 1, 1, 1, side).transpose(2, 4)
        for view in xrays_BNHW.split(1, dim=1)
    ]
    return torch.cat(volumes, dim=1)
