"""A convolution 1^3, as the matrix product that it is."""

from __future__ import annotations

from torch import Tensor, nn


class Pointwise(nn.Conv3d):
    """Mix channels voxel by voxel: (B, C, D, H, W) to (B, outside, D, H, W), no bias.

    Weights, their names and their first values are those of `nn.Conv3d(inside, outside, 1,
    bias=False)`, whose kernel on a CPU is several times slower than a product of matrices.
    """

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__(inside, outside, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the mixed channels."""
        weight_BOC = self.weight.flatten(1).expand(x.shape[0], -1, -1)
        mixed: Tensor = weight_BOC.bmm(x.flatten(2)).unflatten(2, x.shape[2:])
        return mixed
