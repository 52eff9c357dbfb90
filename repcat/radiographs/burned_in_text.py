"""Burned-in text: letters near a film's border, found and covered."""

from __future__ import annotations

import numpy as np
import torch

from repcat.radiographs.radiograph import Film

SMALLEST = 128  # pixels a side below which letters cannot be told from anatomy
BORDER = 0.2  # of a side
BRIGHT = 0.85  # of the range: marks are lead or burned in
STANDS_OUT = 0.35  # of the range, above what surrounds a mark
LARGEST = 0.25  # of a side: wider things are no letters
THINNEST, SHORTEST = 0.02, 0.03  # of a side, lesser and greater: smaller things are anatomy


def cover_marks(film: Film) -> Film:
    """Cover bright letters near the border with what surrounds them, saying how much.

    A mark is small, bright and stands out from its opening (the image without anything narrower
    than a tenth of a side). Films under 128 pixels are left as they are.
    """
    image = film.pixels.numpy()
    if min(image.shape) < SMALLEST:
        return film
    from scipy import ndimage

    low, high = np.percentile(image, (0.5, 99.9))
    unit = (image - low) / max(high - low, 1e-6)
    around = ndimage.grey_opening(unit, size=(max(image.shape) // 10,) * 2)
    bright = (unit > BRIGHT) & (unit - around > STANDS_OUT)
    # Strokes of one letter, and letters of one word, become one thing.
    labels, count = ndimage.label(ndimage.binary_dilation(bright, iterations=3))
    mask = np.zeros(image.shape, bool)
    found = 0
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if _is_mark(box, image.shape):
            mask[box] |= labels[box] == number
            found += 1
    if not found or not count:
        return film
    covered = np.where(mask, around * (high - low) + low, image).astype(np.float32)
    words = f"{found} mark{'s' * (found > 1)} at the border covered ({mask.mean():.1%} of the film)"
    return film.step(words, pixels=torch.from_numpy(covered))


def _is_mark(box: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
    """Whether a box is as large as a letter or a word and lies in the border."""
    sides = list(zip(box, shape, strict=True))
    shares = [(s.stop - s.start) / n for s, n in sides]
    outside = any(s.stop <= BORDER * n or s.start >= (1 - BORDER) * n for s, n in sides)
    return outside and min(shares) >= THINNEST and SHORTEST <= max(shares) <= LARGEST
