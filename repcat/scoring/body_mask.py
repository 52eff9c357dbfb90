"""Body mask: which voxels are the patient; most of a CT is air, which is easy."""

from __future__ import annotations

import torch
from torch import Tensor

from repcat.errors import DataError

SKIN_HU = -500.0


def body_mask(truth_hu: Tensor) -> Tensor:
    """Return the voxels (D, H, W) of the body, lungs included.

    The largest connected piece above -500 HU, its holes filled in every axial slice: in a scan cut
    off at neck and belly the lungs are open to the outside in 3D, and closed in each slice.
    """
    import numpy as np
    from scipy import ndimage

    dense = (truth_hu > SKIN_HU).cpu().numpy()
    pieces, count = ndimage.label(dense)
    if count == 0:
        msg = (
            f"no voxel of the true volume lies above {SKIN_HU:g} HU, so there is no body to score; "
            f"its values go from {float(truth_hu.min()):g} to {float(truth_hu.max()):g}: "
            "are they Hounsfield units?"
        )
        raise DataError(msg, code="no-body")
    largest = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
    filled = np.stack([ndimage.binary_fill_holes(axial) for axial in largest])
    return torch.from_numpy(filled).to(truth_hu.device)
