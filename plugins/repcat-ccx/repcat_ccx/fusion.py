"""Adaptive feature fusion: views weighed by how much they agree, in place of a plain average.

Documented: weights from a similarity between the branches. Ours: cosine similarity over channels,
voxel by voxel, of each branch to the mean of both (between the branches themselves it would be one
number for both, and the softmax of two equal numbers is the plain average).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class AdaptiveFusion(nn.Module):
    """A weighted sum of two branches, the weights a softmax of their similarities to the mean."""

    def forward(self, frontal: Tensor, lateral: Tensor) -> Tensor:
        """Return (B, C, D, H, W), the same whichever branch comes first."""
        mean = (frontal + lateral) / 2
        likeness = [F.cosine_similarity(x, mean, dim=1) for x in (frontal, lateral)]
        first, second = torch.stack(likeness).softmax(dim=0).unsqueeze(2)
        fused: Tensor = first * frontal + second * lateral
        return fused
