"""Depth-aware connection: a 2D map, repeated along depth and weighed by a 3D attention mask.

Documented: expansion along depth, times an estimated 3D mask. Ours: the sigmoid, the single
convolution 3^3 that estimates the mask, and that the map is first reduced as in X2CT-GAN's
connection B.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from repcat_x2ct.connections import RayConv, reduce
from repcat_x2ct.planes import repeated


class DepthAware(nn.Module):
    """e * sigmoid(conv3d(e)), with e the map repeated along its ray.

    One convolution of a repeated map is the same all along the ray but in its first and last voxel,
    and so is this mask: what varies with depth beyond that comes from the layers above.
    """

    def __init__(self, inside: int, outside: int, ray: int) -> None:
        super().__init__()
        self.ray = ray
        self.reduce = reduce(inside, outside)
        self.attend = nn.Sequential(RayConv(outside, ray), nn.Sigmoid())

    def forward(self, map_BCDK: Tensor) -> Tensor:
        """Turn (B, inside, D, K) into (B, outside, D, H, W)."""
        plane = self.reduce(map_BCDK)
        mask: Tensor = self.attend(plane)
        return torch.mul(repeated(plane, self.ray), mask)
