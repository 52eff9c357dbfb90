"""A ray-driven projector and its exact transpose, as weights between pixels and voxels."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat import Geometry, View


class RayWeights(nn.Module):
    """The matrix A of one view: line integrals of a volume, and A^T of an image.

    Joseph's method (1982): each ray steps from plane to plane of voxels across its main axis and
    takes each plane's value bilinearly; air outside the volume. Lengths are in units of
    `unit_mm`. Both directions use the same weights, so <Ax, y> = <x, A^T y> but for rounding, and
    add up in a fixed order on any device. 64 bytes a pixel and plane: 17 MB a view at 64^3.
    """

    voxels: Tensor
    lengths: Tensor
    pixels: Tensor
    lengths_back: Tensor
    starts: Tensor

    def __init__(self, geometry: Geometry, view: View, unit_mm: float) -> None:
        super().__init__()
        voxels, lengths = crossings(geometry, view)
        rays, touched = voxels.shape
        order = voxels.flatten().argsort(stable=True)
        ends = torch.arange(1 + geometry.voxels[0] * geometry.voxels[1] * geometry.voxels[2])
        starts = torch.searchsorted(voxels.flatten()[order], ends.to(voxels.dtype))
        pixels = torch.arange(rays).repeat_interleave(touched)[order]
        lengths = (lengths / unit_mm).float()
        self._keep("voxels", voxels.int())
        self._keep("lengths", lengths)
        self._keep("pixels", pixels.int())
        self._keep("lengths_back", lengths.flatten()[order])
        self._keep("starts", starts.int())

    def project(self, volumes_VB: Tensor) -> Tensor:
        """Return A x: from (voxels, B) to (pixels, B), both in C order."""
        return F.embedding_bag(
            self.voxels, volumes_VB, per_sample_weights=self.lengths, mode="sum"
        )

    def back_project(self, images_PB: Tensor) -> Tensor:
        """Return A^T y: from (pixels, B) to (voxels, B)."""
        return F.embedding_bag(
            self.pixels,
            images_PB,
            self.starts,
            per_sample_weights=self.lengths_back,
            mode="sum",
            include_last_offset=True,
        )

    def _keep(self, name: str, values: Tensor) -> None:
        self.register_buffer(name, values, persistent=False)


def crossings(geometry: Geometry, view: View) -> tuple[Tensor, Tensor]:
    """Return the voxels that each ray touches, (pixels, 4 planes), and mm of ray given to each.

    Every ray has as many places as the longest axis has planes, four a plane; places outside the
    volume have length 0.
    """
    ends = geometry.ray_starts(view), geometry.pixel_centres(view)
    start, end = (geometry.voxel_index(p).reshape(-1, 3) for p in ends)
    along = end - start
    mm = (ends[1] - ends[0]).norm(dim=-1).reshape(-1, 1)
    # Axes of each ray in turn: the main one first, then the two of its planes.
    axes = (along.abs().argmax(dim=-1, keepdim=True) + torch.arange(3)) % 3
    (s, su, sv), (d, du, dv) = (_columns(x.gather(1, axes)) for x in (start, along))
    _, rows, columns = geometry.voxels
    size, stride = (
        _columns(torch.tensor(x)[axes]) for x in (geometry.voxels, (rows * columns, columns, 1))
    )
    plane = torch.arange(max(geometry.voxels))
    t = (plane - s) / d
    there = (plane < size[0]) & (t >= 0) & (t <= 1)
    u, v = su + t * du, sv + t * dv
    found, lengths = [], []
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        a, b = u.floor() + i, v.floor() + j
        inside = there & (a >= 0) & (a < size[1]) & (b >= 0) & (b < size[2])
        share = (1 - (u - a).abs()) * (1 - (v - b).abs())
        index = plane * stride[0] + a.long() * stride[1] + b.long() * stride[2]
        found.append(torch.where(inside, index, 0))
        lengths.append(torch.where(inside, share * mm / d.abs(), 0.0))
    return torch.cat(found, dim=1), torch.cat(lengths, dim=1)


def _columns(x_P3: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    first, second, third = x_P3.unsqueeze(-1).unbind(dim=1)
    return first, second, third
