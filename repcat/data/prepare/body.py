"""Body of a scan: mask, box, share of air; the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from repcat.data.prepare.resample import AIR_HU, Lattice, Triple, resample

PITCH_MM = 4.0
TISSUE_HU = -300.0
LUNG_HU = -500.0
# A median tells lung that the scan's edge cuts open (-765 in a crop about the heart) from room air
# with the table's blur in it (-920).
ROOM_HU = -880.0


@dataclass(frozen=True, slots=True)
class Body:
    """The patient on a lattice of 4 mm.

    `mask` (d, h, w) holds the lungs too; `air` is the share of the body below -500 HU: 0.17 to
    0.27 in whole chests, 0.02 in an abdomen; `cut` is the share of the scan's side walls that the
    body touches.
    """

    mask: Tensor
    lattice: Lattice
    air: float
    cut: float

    @property
    def box_mm(self) -> tuple[tuple[float, float], ...]:
        """Lowest and highest coordinate along z, y, x.

        Cells whose plane holds less than 2 % of the fullest plane's do not count: a finger or a
        drip would move the middle.
        """
        half = self.lattice.pitch_mm / 2
        found = []
        for k in range(3):
            others = tuple(i for i in range(3) if i != k)
            counts = self.mask.sum(dim=others)
            used = self.lattice.axis(k)[counts >= 0.02 * counts.max()]
            found.append((float(used[0]) - half, float(used[-1]) + half))
        return tuple(found)


def find_body(hu: Tensor, spacing_mm: Triple) -> Body:
    """Find the patient in (D, H, W): the largest piece of tissue, its holes filled slice by slice.

    Opening by 4 mm cuts the patient from the table.
    """
    lattice = Lattice.around(tuple(hu.shape), spacing_mm, PITCH_MM)
    coarse = resample(hu, spacing_mm, lattice).numpy()
    filled = _fill(_largest_tissue(coarse))
    filled |= _lung_at_the_edge(coarse, filled)
    air = float((filled & (coarse < LUNG_HU)).sum() / max(1, filled.sum()))
    walls = (filled[:, 0], filled[:, -1], filled[:, :, 0], filled[:, :, -1])
    cut = sum(int(w.sum()) for w in walls) / sum(w.size for w in walls)
    return Body(torch.from_numpy(filled), lattice, air, cut)


def remove_table(cube: Tensor, body: Body, lattice: Lattice) -> Tensor:
    """Set what is more than 4 mm from the body to air; `cube` (D, H, W) lies on `lattice`."""
    from scipy import ndimage

    near = torch.from_numpy(ndimage.binary_dilation(body.mask.numpy()))
    pitch = body.lattice.pitch_mm
    keep = resample(near.float(), (pitch, pitch, pitch), lattice, outside=0.0) > 0.5
    return cube.masked_fill(~keep, AIR_HU)


def _largest_tissue(coarse: Any) -> Any:  # noqa: ANN401  (numpy arrays)
    from scipy import ndimage

    tissue = coarse > TISSUE_HU
    pieces, count = ndimage.label(ndimage.binary_opening(tissue))
    if not count:
        return tissue
    sizes = ndimage.sum_labels(tissue, pieces, range(1, count + 1))
    return ndimage.binary_dilation(pieces == sizes.argmax() + 1) & tissue


def _fill(mask: Any) -> Any:  # noqa: ANN401
    """Close gaps of up to 16 mm (airways, folds) and fill the holes of each slice."""
    import numpy as np
    from scipy import ndimage

    wide = np.pad(mask, 2, mode="edge")
    closed = ndimage.binary_closing(wide, iterations=2)[2:-2, 2:-2, 2:-2] | mask
    return np.stack([ndimage.binary_fill_holes(s) for s in closed])


def _lung_at_the_edge(coarse: Any, filled: Any) -> Any:  # noqa: ANN401
    """Find lung that is open to the scan's edge, as in a crop around the heart."""
    import numpy as np
    from scipy import ndimage

    pieces, count = ndimage.label((coarse < LUNG_HU) & ~filled)
    lung = np.asarray(ndimage.median(coarse, pieces, range(count + 1))) > ROOM_HU
    lung[0] = False
    return lung[pieces]
