"""Body mask: which voxels are the patient; most of a CT is air, which is easy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from repcat.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    return torch.from_numpy(_fill_holes(largest)).to(truth_hu.device)


def _fill_holes(body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fill what the border of its axial slice cannot be reached from; all slices at once."""
    import numpy as np
    from scipy import ndimage

    in_plane = np.zeros((3, 3, 3), bool)
    in_plane[1] = ndimage.generate_binary_structure(2, 1)
    gaps, count = ndimage.label(~body, in_plane)
    outside = np.zeros(count + 1, bool)
    for border in (gaps[:, 0], gaps[:, -1], gaps[:, :, 0], gaps[:, :, -1]):
        outside[border] = True
    outside[0] = False  # 0 is the body
    filled: NDArray[np.bool_] = ~outside[gaps]
    return filled
