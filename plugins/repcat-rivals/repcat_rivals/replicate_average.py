"""Replicate and average: one volume in which the views are laid over each other."""

from __future__ import annotations

from typing import Annotated

from torch import Tensor
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, Task
from repcat_rivals.sampling import Sampling
from repcat_rivals.voxel_to_pixel import ALIGN_DOC, Align, sight


class ReplicateAverage(InputMapper):
    """Repeat each view along its rays and average the views: one channel, (B, 1, D, H, W).

    V = Average(Replicate(PA), Replicate(LAT)), the input of LiftXR (2026). Kasten et al. (2020,
    arXiv 2004.00871) replicate alike but keep each view as a channel, which is the shipped
    'repeat_concat'. Here: any number of views at any azimuth, and with `geometric` along the rays
    of the cone; the networks and losses of both are left out. A voxel that a view does not see
    counts as 0 in the mean.
    """

    def __init__(self, task: Task, *, align: Annotated[Align, Doc(ALIGN_DOC)] = "rotate") -> None:
        super().__init__()
        self.out = Grid(1, task.volume.size)
        self.fill = Sampling(sight(task, align, "replicate_average"))

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, 1, D, H, W) in [0, 1]."""
        volumes_BN1DHW: Tensor = self.fill(batch.xrays.unsqueeze(2))
        return volumes_BN1DHW.mean(dim=1)
