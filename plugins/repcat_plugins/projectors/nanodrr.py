"""The default projector: nanodrr's ray marching on repcat's own geometry."""

from __future__ import annotations

import math
from typing import Annotated, Any

import torch
from annotated_types import Ge, Le
from torch import Tensor
from typing_extensions import Doc

from repcat import Geometry, PartError, Projector, View
from repcat_plugins.lazy_packages import lazy_packages

# What rendering needs of nanodrr is small; its packages bring roma and torch._dynamo, torchio's and
# nibabel's all of them.
BULKY = ("nanodrr", "torchio", "nibabel", "humanize")


def nanodrr(
    *,
    step: Annotated[
        float, Ge(0.01), Le(100), Doc("voxels between two samples of a ray, at most")
    ] = 1.0,
) -> Projector:
    """March with nanodrr: grid_sample on a CPU, its fused Triton kernel on CUDA.

    nanodrr's own camera and HU map stay unused: sources, pixel centres and attenuation come from
    repcat, in LPS, and nanodrr only integrates.
    """

    def project(mu: Tensor, geometry: Geometry, views: tuple[View, ...]) -> Tensor:
        _check_deterministic(mu)
        render, subject = _render(), _subject(mu.float(), geometry)
        samples = max(2, math.ceil(math.hypot(*geometry.voxels) / step))
        camera = torch.eye(4, device=mu.device)[None]
        images = []
        for view in views:
            ends = [p.reshape(1, -1, 3).float().to(mu.device) for p in _ends(geometry, view)]
            rows, columns = geometry.pixels
            unused = torch.ones(1, device=mu.device)
            image = render(
                subject, camera[:, :3, :3], camera, unused, rows, columns, samples,
                src=ends[0], tgt=ends[1],
            )  # fmt: skip
            images.append(image[0, 0])
        return torch.stack(images)

    return project


def _render() -> Any:  # noqa: ANN401  (nanodrr has no types)
    with lazy_packages(*BULKY):
        from nanodrr.drr import render
    return render


def _check_deterministic(mu: Tensor) -> None:
    """Raise PartError where gradients would be added in no fixed order; torch cannot know it."""
    if mu.is_cuda and mu.requires_grad and torch.are_deterministic_algorithms_enabled():
        msg = (
            "--deterministic: projector 'nanodrr' adds gradients in no fixed order on CUDA; set "
            "reprojection_weight = 0, or train on a CPU"
        )
        raise PartError(msg, code="not-deterministic")


def _subject(mu: Tensor, geometry: Geometry) -> Any:  # noqa: ANN401  (nanodrr has no types)
    """Wrap attenuation (D, H, W) with the affine from voxel numbers (x, y, z) to LPS mm."""
    with lazy_packages(*BULKY):
        from nanodrr.data import Subject
    volume = mu[None, None]
    to_world = torch.eye(4, dtype=torch.float64)
    for axis, (n, mm) in enumerate(
        zip(geometry.voxels[::-1], geometry.voxel_mm[::-1], strict=True)
    ):
        to_world[axis, axis] = mm
        to_world[axis, 3] = -(n - 1) / 2 * mm
    return Subject(
        volume,
        torch.zeros(1, 1, 1, 1, 1),
        to_world.float(),
        to_world.inverse().float(),
        Subject._make_voxel_to_grid(volume.shape),
        torch.zeros(3),
        max_label=0,
        convert_to_mu=False,
    ).to(mu.device)


def _ends(geometry: Geometry, view: View) -> tuple[Tensor, Tensor]:
    """Return source and pixel positions; nanodrr takes one source or one a pixel."""
    pixels = geometry.pixel_centres(view)
    if geometry.beam == "cone":
        return geometry.source_mm(view), pixels
    return geometry.ray_starts(view), pixels
