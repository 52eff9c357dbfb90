"""Small pictures as PNG."""

from __future__ import annotations

import io

import torch
from PIL import Image
from torch import Tensor


def grey(image: Tensor) -> bytes:
    """Return an image (rows, columns) in [0, 1] as a grey PNG of 8 bits."""
    return _png(image.float().clamp(0, 1))


def signed(image: Tensor, full: float) -> bytes:
    """Return signed values (rows, columns) as a PNG: blue below zero, white at it, red above.

    Colour is full at `full` and beyond.
    """
    part = (image.float() / full).clamp(-1, 1)
    red = 1 + part.clamp(max=0) * 0.87
    green = 1 - part.abs() * 0.8
    blue = 1 - part.clamp(min=0) * 0.83
    return _png(torch.stack((red, green, blue), -1))


def _png(unit: Tensor) -> bytes:
    """Encode pixels in [0, 1]: (rows, columns) grey, (rows, columns, 3) in colour."""
    file = io.BytesIO()
    picture = Image.fromarray((unit * 255).round().to(torch.uint8).cpu().numpy())
    picture.save(file, "png", optimize=True)
    return file.getvalue()
