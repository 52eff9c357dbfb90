"""MONAI bundle: what its config runs, a folder of X-rays to a folder of volumes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from repcat.errors import DataError
from repcat.io.notice import SYNTHETIC
from repcat.io.volumes import write_mha


@torch.no_grad()
def run(
    network: nn.Module,
    inferer: Callable[..., Any],
    xrays: str,
    volumes: str,
    device: torch.device,
    voxel_mm: list[float],
) -> None:
    """Reconstruct every `.npy` (N, rows, columns) in [0, 1] of a folder; writes .mha in HU.

    Raises:
        DataError: where the folder holds none.
    """
    import numpy as np

    files = sorted(Path(xrays).glob("*.npy"))
    if not files:
        msg = f"{xrays} holds no .npy of X-rays (N, rows, columns); name a folder by --dataset_dir"
        raise DataError(msg, code="no-xrays")
    z, y, x = voxel_mm
    Path(volumes).mkdir(parents=True, exist_ok=True)
    for file in files:
        image = torch.from_numpy(np.load(file, allow_pickle=False)).float()
        volume = inferer(image[None].to(device), network)[0, 0].cpu()
        write_mha(Path(volumes) / f"{file.stem}.mha", volume, (z, y, x), (0.0, 0.0, 0.0), SYNTHETIC)
