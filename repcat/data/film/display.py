"""Display of a film: curve, local contrast, letters; images (rows, columns) in [0, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from repcat.data.film.scene import Frame, uniform
from repcat.errors import RecipeError

STEEPNESS = 4.0  # of DICOM's sigmoid: 1 / (1 + exp(-4 (x - centre) / width))
WORDS = ("R", "L", "PA", "AP", "LAT", "ERECT", "SUPINE", "MOBILE")


def unit(image: Tensor) -> Tensor:
    """Bring an image to [0, 1] by its extremes."""
    low, high = image.aminmax()
    return (image - low) / (high - low).clamp(min=1e-6)


def sigmoid(image: Tensor, share: float, centre: float) -> Tensor:
    """Mix an image with its sigmoid by DICOM (PS3.3 C.11.2.1.3.1), width 0.5, 0 and 1 kept."""

    def curve(x: Tensor) -> Tensor:
        return torch.sigmoid(STEEPNESS * (x - centre) / 0.5)

    low, high = curve(torch.tensor((0.0, 1.0)))
    bent: Tensor = (1 - share) * image + share * (curve(image) - low) / (high - low)
    return bent


def clahe(image: Tensor, limit: float) -> Tensor:
    """Equalise the histogram of 8 x 8 tiles, clipped (Zuiderveld 1994), by scikit-image."""
    whole = image.double().clamp(0, 1).numpy()  # rounding may have left it
    return torch.from_numpy(equaliser()(whole, clip_limit=limit)).float()


def equaliser() -> Any:  # noqa: ANN401  (scikit-image has no types)
    """Return scikit-image's CLAHE.

    Raises:
        RecipeError: where it is not installed.
    """
    try:
        from skimage.exposure import equalize_adapthist
    except ImportError:
        msg = (
            "augment.film: clahe, which the bank has, needs the extra: pip install 'repcat[film]'; "
            "or name the other effects in a table"
        )
        raise RecipeError(msg, code="no-clahe") from None
    return equalize_adapthist


def letters(image: Tensor, frame: Frame, most: int, chance: Generator) -> Tensor:
    """Burn in 1 to `most` markers or words, 10 to 25 mm high, within a fifth of the border."""
    for _ in range(1 + int(uniform(chance, 0, most))):
        word = WORDS[int(uniform(chance, 0, len(WORDS)))]
        size = uniform(chance, 10, 25)
        side, down, across = (uniform(chance) for _ in range(3))
        ink = _ink(word, max(2, round(size / frame.mm[0])), image.shape)
        rows, columns = ink.shape
        top = int(down * (image.shape[0] - rows))
        border = int(0.2 * across * (image.shape[1] - columns))
        left = border if side < 0.5 else image.shape[1] - columns - border
        place = (slice(top, top + rows), slice(left, left + columns))
        image = image.clone()
        image[place] = torch.maximum(image[place], ink)
    return image


def _ink(word: str, rows: int, within: torch.Size) -> Tensor:
    """Draw a word so many pixels high: how much of each pixel it covers."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default()
    left, top, right, bottom = map(round, font.getbbox(word))
    page = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(page).text((-left, -top), word, fill=255, font=font)
    rows = min(rows, within[0])
    columns = min(max(1, round(rows * page.width / page.height)), within[1])
    small = page.resize((columns, rows), Image.Resampling.BOX)
    return torch.from_numpy(np.asarray(small, dtype=np.float32) / 255)
