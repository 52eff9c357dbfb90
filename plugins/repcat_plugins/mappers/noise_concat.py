"""1 (+) z: views with noise in the place of what the paper repeats (Sec. 4, Table 1)."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

import torch
from torch import Tensor
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, Task, seeded
from repcat_plugins.mappers.axis_layout import Placement, X, Y, check_fit, place

Where = Literal["channel", "depth"]
Order = Literal["transpose", "released"]


class NoiseConcat(InputMapper):
    """Concatenate views with noise z from N(0, 1), one z a patient.

    `channel` fills the volume with each view, as `repeat_concat` does, and adds one channel of
    noise, independent in each voxel: (B, N + 1, D, H, W). `depth` is what the released code does
    (utils.py get_views @ cc0304e): along its ray axis a view is the first slice only, and all
    others repeat one noise image: (B, N, D, H, W). The paper's row has one view; with more, each
    has its own channel and all share the patient's z.

    A fixed z is a function of the recipe's seed and the patient's id, so a patient of any split
    has his own. A fresh z also hangs, in training, on torch's global generator, which the trainer
    seeds each step; in evaluation on how often the patient was seen since evaluation began, so
    the same command gives the same volumes and two looks at a patient differ.
    """

    def __init__(
        self,
        task: Task,
        *,
        where: Annotated[
            Where, Doc("'channel': one more channel of noise; 'depth': every slice but the first")
        ] = "channel",
        fresh: Annotated[
            bool, Doc("new noise each time a patient is seen; else his own for ever")
        ] = False,
        align: Annotated[
            Order,
            Doc(
                "'transpose': each view along its own ray axis, as 'repeat_concat'; 'released': "
                "the array order of the released code"
            ),
        ] = "transpose",
    ) -> None:
        super().__init__()
        self.seed, self.where, self.fresh = task.seed, where, fresh
        self.size = task.volume.size
        self.looks: Counter[str] = Counter()
        self.out = Grid(len(task.views) + (where == "channel"), self.size)
        self.noise_size = self.size if where == "channel" else task.xray.size
        self.placements = [place(view, align) for view in task.views]
        if (where, align) == ("depth", "released"):
            self.placements = [Placement(rows=Y, columns=X)] * len(task.views)
        for view, placement in zip(task.views, self.placements, strict=True):
            check_fit(task, view, placement, "noise_concat")

    def train(self, mode: bool = True) -> NoiseConcat:
        """Switch modes; counting of looks begins anew, so that each evaluation sees the same z."""
        self.looks.clear()
        super().train(mode)
        return self

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N + 1, D, H, W), or (B, N, D, H, W) with noise in depth."""
        noise = self.draw(batch.ids).to(batch.xrays)
        pairs = list(zip(self.placements, batch.xrays.unbind(dim=1), strict=True))
        if self.where == "channel":
            volumes = [placement.fill(image, self.size) for placement, image in pairs]
            return torch.stack([*volumes, noise], dim=1)
        volumes = [behind(image, noise, placement, self.size) for placement, image in pairs]
        return torch.stack(volumes, dim=1)

    def draw(self, ids: tuple[str, ...]) -> Tensor:
        """Draw z for each patient, on the CPU: (B, D, H, W), or (B, rows, columns) for depth."""
        # One number a step from the global generator; the id keeps patients of a step apart.
        step = int(torch.randint(2**62, (), device="cpu")) if self.fresh and self.training else 0
        return torch.stack([self._draw_one(patient, step) for patient in ids])

    def _draw_one(self, patient: str, step: int) -> Tensor:
        look = 0
        if self.fresh and not self.training:
            self.looks[patient] += 1
            look = self.looks[patient]
        with seeded(self.seed, "noise", patient, step, look):
            return torch.randn(self.noise_size, device="cpu")


def behind(
    image_BRC: Tensor, noise_BRC: Tensor, placement: Placement, size: tuple[int, ...]
) -> Tensor:
    """Stack along the ray axis an image and, in each slice behind it, noise: (B, D, H, W)."""
    depth = size[placement.ray - 1]
    noise_BKRC = noise_BRC.unsqueeze(1).expand(-1, depth - 1, -1, -1)
    return placement.stand(torch.cat((image_BRC.unsqueeze(1), noise_BKRC), dim=1))
