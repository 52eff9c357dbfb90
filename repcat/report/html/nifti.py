"""A volume as gzipped NIfTI-1 in memory: what the viewer in a page reads."""

from __future__ import annotations

import gzip
import struct

import torch
from torch import Tensor
from torch.nn import functional as F

Spacing = tuple[float, float, float]

HEADER, INT16, MM, SCANNER = 348, 4, 2, 1


def nifti(hu: Tensor, spacing_mm: Spacing) -> bytes:
    """Write HU (D, H, W), in LPS axes as in Volume, as int16; the bytes depend on nothing else.

    Spacing goes z, y, x in mm. World zero is the middle of the volume, so that nothing of the
    scanner is told. NIfTI's world is RAS: x and y change sign.
    """
    array = hu.detach().cpu().float().round().clamp(-32768, 32767).to(torch.int16)
    d, h, w = array.shape
    z, y, x = spacing_mm
    head = bytearray(HEADER + 4)
    struct.pack_into("<i", head, 0, HEADER)
    struct.pack_into("<8h", head, 40, 3, w, h, d, 1, 1, 1, 1)
    struct.pack_into("<2h", head, 70, INT16, 16)
    struct.pack_into("<8f", head, 76, 1.0, x, y, z, 0, 0, 0, 0)
    struct.pack_into("<3f", head, 108, HEADER + 4, 1.0, 0.0)
    struct.pack_into("<B", head, 123, MM)
    struct.pack_into("<80s", head, 148, b"synthetic, research use only")
    struct.pack_into("<2h", head, 252, 0, SCANNER)
    struct.pack_into("<4f", head, 280, -x, 0, 0, x * (w - 1) / 2)
    struct.pack_into("<4f", head, 296, 0, -y, 0, y * (h - 1) / 2)
    struct.pack_into("<4f", head, 312, 0, 0, z, -z * (d - 1) / 2)
    struct.pack_into("<4s", head, 344, b"n+1\0")
    return gzip.compress(bytes(head) + array.numpy().astype("<i2").tobytes(), 9, mtime=0)


def coarsened(hu: Tensor, spacing_mm: Spacing, voxels: int) -> tuple[Tensor, Spacing]:
    """Average a volume (D, H, W) over blocks until it has at most so many voxels.

    The extent in mm stays; a volume that is small enough comes back as it is.
    """
    factor = 1
    while _count(hu, factor) > voxels:
        factor += 1
    if factor == 1:
        return hu, spacing_mm
    size = [-(-n // factor) for n in hu.shape]
    small = F.interpolate(hu[None, None].float(), size=size, mode="area")[0, 0]
    z, y, x = (mm * n / m for mm, n, m in zip(spacing_mm, hu.shape, size, strict=True))
    return small, (z, y, x)


def _count(hu: Tensor, factor: int) -> int:
    d, h, w = (-(-n // factor) for n in hu.shape)
    return d * h * w
