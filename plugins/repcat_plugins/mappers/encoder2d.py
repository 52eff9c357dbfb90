"""2D encoders of the views, their features fused: the asymmetric way (Fig. 1a, Fig. 3)."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, PartError, Task
from repcat_plugins.mappers.coarse_volume import CoarseGrid
from repcat_plugins.mappers.timm_encoder import TimmEncoder

Fuse = Literal["sum", "mean", "concat"]
Form = Literal["point", "coarse", "reshape"]


class Encoder2D(InputMapper):
    """Encode each view by one of timm's 2D networks and fuse the features of the views.

    `point` is a vector a patient, (B, C): the latent of Sec. 3.3, which a decoder reads. `coarse`
    repeats each view's map of features along its ray axis, as `repeat_concat` lays X-rays:
    (B, C, d, h, w), as many voxels a side as the map has pixels. `reshape` folds the depth out of
    the channels instead, (B, C / depth, d, h, w). Weights are random unless a file is named:
    nothing is ever downloaded.
    """

    def __init__(
        self,
        task: Task,
        *,
        name: Annotated[str, Doc("encoder, by timm's name")] = "resnet18",
        weights: Annotated[
            str, Doc("path of a local safetensors file with timm's weights; empty: random")
        ] = "",
        fuse: Annotated[
            Fuse, Doc("how the features of the views become one; 'concat' along channels")
        ] = "sum",
        grid: Annotated[
            Form,
            Doc(
                "'point': a vector; 'coarse': maps repeated along each view's ray axis; 'reshape': "
                "maps whose channels become that axis"
            ),
        ] = "point",
        level: Annotated[
            int,
            Ge(-64),
            Le(63),
            Doc("which of the encoder's maps a grid is made of: 0 the finest, -1 the deepest"),
        ] = -1,
        channels: Annotated[
            int,
            Ge(0),
            Le(10_000),
            Doc("features of a view after a linear projection; 0: the encoder's own"),
        ] = 0,
        shared: Annotated[bool, Doc("one encoder for all views; else one for each")] = True,
    ) -> None:
        super().__init__()
        self.fuse = fuse
        if grid == "point" and level != -1:
            msg = "mapper.level chooses a map: set mapper.grid = 'coarse' or 'reshape' with it"
            raise PartError(msg, code="wrong-options")
        depth = None if grid == "point" else level
        self.encoders = nn.ModuleList(
            TimmEncoder(name, task.xray.size, weights, depth, channels)
            for _ in range(1 if shared else len(task.views))
        )
        features = self.encoders[0].out
        assert isinstance(features, Grid)
        self.coarse = None if grid == "point" else CoarseGrid(task, features, grid == "reshape")
        one = self.coarse.out if self.coarse else features
        self.out = Grid(one.channels * (len(task.views) if fuse == "concat" else 1), one.size)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, C), or (B, C, d, h, w)."""
        features = self._encode(batch.xrays)
        if self.coarse:
            features = self.coarse(features)
        if self.fuse == "concat":
            return torch.cat(features, dim=1)
        fused = torch.stack(features).sum(dim=0)
        return fused / len(features) if self.fuse == "mean" else fused

    def _encode(self, images_BNRC: Tensor) -> list[Tensor]:
        """Return the features of each view, (B, C) or (B, C, rows', columns')."""
        images = images_BNRC.unsqueeze(2)
        if len(self.encoders) > 1:
            pairs = zip(self.encoders, images.unbind(dim=1), strict=True)
            return [encoder(image) for encoder, image in pairs]
        features: Tensor = self.encoders[0](images.flatten(0, 1))
        return list(features.unflatten(0, images.shape[:2]).unbind(dim=1))
