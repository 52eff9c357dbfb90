"""Values of images, or of stacks of images, at the places where voxels are seen."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class Sampling(nn.Module):
    """Sample each view's maps where its voxels are seen; places (N, D, H, W, 2 or 3) are fixed.

    Bilinear between pixel centres, fading to 0 over a pixel at the edges, 0 beyond. The places are
    not saved in checkpoints.
    """

    places: Tensor

    def __init__(self, places: Tensor) -> None:
        super().__init__()
        self.size = places.shape[1:4]
        self.register_buffer("places", places, persistent=False)

    def forward(self, maps_BNCRC: Tensor) -> Tensor:
        """Turn (B, N, C, rows, columns), or (B, N, C, K, rows, columns), into (B, N, C, D, H, W).

        K images one behind the other need places in three coordinates: column, row, depth.
        """
        patients, _, channels = maps_BNCRC.shape[:3]
        # Patients ride along as channels, so that the weights of a ray are worked out once.
        maps = maps_BNCRC.to(self.places.dtype).transpose(0, 1).flatten(1, 2)
        places = self.places if maps.ndim == 5 else self.places.flatten(1, 2)
        seen: Tensor = F.grid_sample(maps, places, align_corners=False)
        return seen.reshape(-1, patients, channels, *self.size).transpose(0, 1)
