"""Thumbnail: a volume of 16^3 grey values, by which a scan is known again under another name.

Two are compared by their correlation. Measured on 20 real scans in cubes of 400 mm (11 whole
chests, 9 cut ones): a scan and itself resampled to 2 or 3 mm .9926 and more, moved by a voxel along
each axis .9918, with noise of 50 HU .9988, in 8 bits .9999, 10 mm shorter .9836. Two patients: .917
at most, the next .849; 300 procedural chests, which have one plan, .974 at most in 44,850 pairs.
Not known again: a scan 30 mm shorter (.66 to .88), whose cube has moved by 15 mm.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 16
LOW, HIGH = -1000.0, 200.0  # HU: lung and soft tissue; bone and contrast medium count no more
ALIKE = 0.98
ROWS_AT_ONCE = 1000


def thumbnail(volume: Tensor) -> str:
    """Shrink a volume (D, H, W) in HU to SIDE^3 cells of a byte, as base64."""
    unit = (volume.float().clamp(LOW, HIGH) - LOW) / (HIGH - LOW)
    cells = F.adaptive_avg_pool3d(unit[None, None], SIDE).flatten()
    return base64.b64encode((cells * 255).round().to(torch.uint8).numpy().tobytes()).decode()


def alike(thumbnails: Mapping[str, str]) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of names whose thumbnails correlate by more than ALIKE, and by how much.

    What is no thumbnail, or shows nothing at all, is like nothing.
    """
    seen = {name: cells for name, text in thumbnails.items() if (cells := _cells(text)) is not None}
    if not seen:
        return
    names, x = list(seen), torch.stack(list(seen.values()))
    x = F.normalize(x - x.mean(dim=1, keepdim=True), dim=1)
    for start in range(0, len(x), ROWS_AT_ONCE):
        likeness = (x[start : start + ROWS_AT_ONCE] @ x.T).triu(start + 1)
        for i, j in (likeness > ALIKE).nonzero().tolist():
            yield names[start + i], names[j], float(likeness[i, j])


def _cells(text: str) -> Tensor | None:
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return torch.frombuffer(bytearray(found), dtype=torch.uint8).float() if _fits(found) else None


def _fits(found: bytes) -> bool:
    return len(found) == SIDE**3
