"""The score of one saved volume against the true one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repcat.errors import DataError
from repcat.scoring.protocols import protocol
from repcat.shapes import Window

Source = Path | Callable[[], Tensor]


def score_files(
    truth: Path, prediction: Path, protocols: Sequence[str], window: Window
) -> dict[str, dict[str, float]]:
    """Return the figures by protocol of two files of HU on one grid."""
    if not window.low < window.high:
        msg = f"the window {window.low:g}, {window.high:g} is none: the first must be the lower"
        raise DataError(msg)
    rules = [protocol(name) for name in protocols]
    a, b = read_prediction(truth), read_prediction(prediction)
    return {rule.name: rule.against(a, window)(b) for rule in rules}


def read_prediction(source: Source) -> Tensor:
    """Read a volume (D, H, W) in HU from `.npy`, or from any format that `prepare` takes."""
    if not isinstance(source, Path):
        return source().float()
    if source.suffix != ".npy":
        from repcat.data.ct.volumes import read_file

        return torch.as_tensor(read_file(source).hu).float()
    try:
        return torch.from_numpy(np.load(source, allow_pickle=False).astype(np.float32))
    except (OSError, ValueError, EOFError) as error:
        msg = f"{source} cannot be read as an array ({error}); make it again"
        raise DataError(msg) from error
