"""Back-projection, filtered or not: what the views know, smeared along their exact rays."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import torch
from torch import Tensor
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, Task
from repcat_rivals.fdk import cosine, nearness, ramp
from repcat_rivals.sampling import Sampling
from repcat_rivals.voxel_to_pixel import sight


class BackProjection(InputMapper):
    """Back-project each view along the geometry's rays, for a network that repairs the result.

    The family of X-Recon (2023) and PSCT-Net (2026), which back-project inside a network, and of
    learned post-processing of FBP. `ramp` is the algorithm of Feldkamp, Davis and Kress (1984):
    cosine weights, ramp filter along the columns, distance weights; of parallel rays it is filtered
    back-projection. Here it stands alone before the recipe's backbone, for 1 to 8 views, which are
    weighted as if evenly spread over the circle. The mean over the views of what `concat` gives is
    what `mean` gives. In units of 1 / the longest edge of the volume: a body that fills the volume
    and casts a shadow of 1 is 1.
    """

    scale: Tensor
    filter: Tensor
    near: Tensor

    def __init__(
        self,
        task: Task,
        *,
        filter: Annotated[
            Literal["none", "ramp"],
            Doc("'none': the X-rays as they are; 'ramp': FDK's weights and ramp filter"),
        ] = "ramp",
        fuse: Annotated[
            Literal["mean", "concat"], Doc("one channel, the mean of the views; or one a view")
        ] = "mean",
    ) -> None:
        super().__init__()
        self.fuse, self.ramp = fuse, filter == "ramp"
        self.sample = Sampling(sight(task, "geometric", "back_projection"))
        if self.ramp:
            self._weigh(task)
        self.out = Grid(1 if fuse == "mean" else len(task.views), task.volume.size)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, 1, D, H, W), or (B, N, D, H, W)."""
        images_BNRC = batch.xrays
        if self.ramp:
            images_BNRC = (images_BNRC.to(self.scale.dtype) * self.scale) @ self.filter
        seen: Tensor = self.sample(images_BNRC.unsqueeze(2)).squeeze(2)
        volumes = seen * self.near if self.ramp else seen
        return volumes.mean(dim=1, keepdim=True) if self.fuse == "mean" else volumes

    def _weigh(self, task: Task) -> None:
        """Keep FDK's weights: pi / N for each of N views on the circle, by the volume's edge."""
        geometry, views = task.geometry, task.views
        edge = math.pi * max(geometry.volume_mm)
        scale = torch.stack([edge * cosine(geometry, view) for view in views])
        near = torch.stack([nearness(geometry, view) for view in views])
        self.register_buffer("scale", scale.float(), persistent=False)
        self.register_buffer("filter", ramp(geometry).float(), persistent=False)
        self.register_buffer("near", near.float(), persistent=False)
