"""The mapper: the views that the network has, turned as the volume lies."""

from __future__ import annotations

import torch
from torch import Tensor

from repcat import Batch, Grid, InputMapper, PartError, Task
from repcat_x2ct.planes import FRONTAL, LATERAL, plane_of


class X2CTViews(InputMapper):
    """Hand on one frontal X-ray, or a frontal and a lateral one in this order, as the volume lies.

    Rows are turned to grow with z (to the head), columns to grow with x (frontal, to the patient's
    left) or y (lateral, to the back), as the published data has them. Rays of a cone are not bent.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        planes = [plane_of(view) for view in task.views]
        _check_pair(task, [plane.ray for plane in planes])
        self.order = sorted(range(len(planes)), key=lambda n: planes[n].ray)
        self.planes = [planes[n] for n in self.order]
        self.out = Grid(len(planes), task.xray.size)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N, D, K): frontal (D, W), then lateral (D, H), in [0, 1]."""
        pairs = zip(self.planes, self.order, strict=True)
        return torch.stack([plane.of(batch.xrays[:, n]) for plane, n in pairs], dim=1)


def _check_pair(task: Task, rays: list[int]) -> None:
    """Raise PartError unless the views are frontal, or frontal and lateral."""
    if sorted(rays) not in ([FRONTAL], [FRONTAL, LATERAL]):
        msg = (
            "mapper 'x2ct_views' takes one frontal view, or a frontal and a lateral one, not "
            f"{', '.join(map(str, task.views))}; set data.views = [0.0] or [0.0, 90.0]"
        )
        raise PartError(msg, code="views")
