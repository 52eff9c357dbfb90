"""What plastimatch reads and writes: MetaImage volumes and portable float maps."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from repcat import Geometry, PartError

HEADER = """ObjectType = Image
NDims = 3
BinaryData = True
BinaryDataByteOrderMSB = False
CompressedData = False
TransformMatrix = 1 0 0 0 1 0 0 0 1
Offset = {offset}
ElementSpacing = {spacing}
DimSize = {size}
ElementType = MET_FLOAT
ElementDataFile = LOCAL
"""


def write_mha(path: Path, volume_DHW: Tensor, geometry: Geometry) -> None:
    """Write a volume as 32-bit floats in LPS mm, its centre at the isocentre (0, 0, 0)."""
    pairs = list(zip(reversed(geometry.voxels), reversed(geometry.voxel_mm), strict=True))
    header = HEADER.format(
        offset=" ".join(f"{-(n - 1) / 2 * mm:.12g}" for n, mm in pairs),
        spacing=" ".join(f"{mm:.12g}" for _, mm in pairs),
        size=" ".join(str(n) for n, _ in pairs),
    )
    data = volume_DHW.detach().float().cpu().contiguous().numpy().astype("<f4")
    path.write_bytes(header.encode("ascii") + data.tobytes())


def read_pfm(path: Path) -> Tensor:
    """Read a portable float map (rows, columns) as plastimatch writes it: the top row first."""
    try:
        kind, size, scale, data = path.read_bytes().split(b"\n", 3)
        columns, rows = (int(n) for n in size.split())
        whole = kind == b"Pf" and float(scale) < 0 and min(rows, columns) > 0
    except ValueError:
        whole = False
    if not whole or len(data) != 4 * rows * columns:
        msg = f"{path.name} of plastimatch is no whole little-endian float map; run it again"
        raise PartError(msg, code="file-damaged")
    return torch.frombuffer(bytearray(data), dtype=torch.float32).view(rows, columns)
