"""The released attention: one head over all voxels, its weights a matrix in memory."""

from __future__ import annotations

from torch import Tensor, nn


class PlainAttention(nn.Module):
    """Let every voxel read every other, softmax(q k^T / sqrt(C)) v, nothing fused."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width, eps=1e-6)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj_out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, C, D, H, W) into the same shape."""
        q, k, v = self.qkv(self.norm(x).flatten(2).transpose(1, 2)).chunk(3, dim=-1)
        weights_BLL = (q @ k.transpose(1, 2) * q.shape[-1] ** -0.5).softmax(dim=-1)
        read_BLC = self.proj_out(weights_BLL @ v)
        total: Tensor = x + read_BLC.transpose(1, 2).reshape(x.shape)
        return total
