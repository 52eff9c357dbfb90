"""Axial CT slice given for an X-ray: a round body that lies free on all sides."""

from __future__ import annotations

import numpy as np
from torch import Tensor

LONGEST = 256  # pixels a side that the shape is read from
CALM = 0.9  # of the border is air
FLAT = 0.7  # of the box: a body that ends in a longer line was cut there
FILLED = (0.65, 0.9)  # of the box; an ellipse has .785
LEAST = 0.15  # of the picture
WIDE = (1.0, 2.2)  # width to height of a trunk


def looks_axial(pixels: Tensor) -> bool:
    """Whether a picture (rows, columns) of any grey scale shows what an axial slice of a CT does.

    Around it is air of one grey, as in no film: a film is cut off by its border, or collimated to
    a rectangle, and then what is bright ends in straight lines. Projections of a short CT come
    near, so this is one sign, not a proof.
    """
    from scipy import ndimage

    image = _small(pixels.numpy().astype(np.float32))
    low, high = np.percentile(image, (0.5, 99.5))
    image = np.clip((image - low) / max(high - low, 1e-6), 0, 1)
    rim = max(1, min(image.shape) // 64)
    sides = (image[:rim], image[-rim:], image[:, :rim], image[:, -rim:])
    border = np.concatenate([side.ravel() for side in sides])
    air = np.median(border)
    if (np.abs(border - air) < 0.05).mean() < CALM:
        return False
    # The table is thin, and lungs may be as dark as air: opened, the largest thing, holes filled.
    labels, count = ndimage.label(ndimage.binary_opening(np.abs(image - air) > 0.1, iterations=2))
    if not count:
        return False
    largest = labels == 1 + np.bincount(labels.ravel())[1:].argmax()
    body = ndimage.binary_fill_holes(largest)
    rows, columns = ndimage.find_objects(body.astype(int))[0]
    ends = (rows.start, columns.start, body.shape[0] - rows.stop, body.shape[1] - columns.stop)
    return 0 not in ends and _is_round(body[rows, columns], body.size)


def _is_round(box: np.ndarray, picture: int) -> bool:
    """Whether what fills a box is as round as a trunk: no straight end, neither full nor thin."""
    height, width = box.shape
    v, h = max(1, height // 25), max(1, width // 25)
    ends = [box[:v].any(0), box[-v:].any(0), box[:, :h].any(1), box[:, -h:].any(1)]
    return bool(
        max(end.mean() for end in ends) < FLAT
        and FILLED[0] < box.mean() < FILLED[1]
        and box.size > LEAST * picture
        and WIDE[0] < width / height < WIDE[1]
    )


def _small(image: np.ndarray) -> np.ndarray:
    """Average blocks of pixels until the longer side has no more than LONGEST."""
    k = -(-max(image.shape) // LONGEST)
    rows, columns = (n // k for n in image.shape)
    blocks = image[: rows * k, : columns * k].reshape(rows, k, columns, k)
    return np.asarray(blocks.mean((1, 3)))
