"""Small pictures as PNG in a data address, made of nothing but zlib."""

from __future__ import annotations

import base64
import struct
import zlib

import torch
from torch import Tensor

GREY, COLOUR = 0, 2


def grey(image: Tensor) -> str:
    """Return an image (rows, columns) in [0, 1] as the address of a grey PNG."""
    return _address((image.float().clamp(0, 1) * 255).round().to(torch.uint8)[..., None])


def signed(image: Tensor, full: float) -> str:
    """Return signed values (rows, columns) as a PNG: blue below zero, white at it, red above.

    Colour is full at `full` and beyond.
    """
    part = (image.float() / full).clamp(-1, 1)
    red = 1 + part.clamp(max=0) * 0.87
    green = 1 - part.abs() * 0.8
    blue = 1 - part.clamp(min=0) * 0.83
    return _address((torch.stack((red, green, blue), -1) * 255).round().to(torch.uint8))


def _address(pixels: Tensor) -> str:
    """Encode pixels (rows, columns, 1 or 3) of 8 bits."""
    rows, columns, channels = pixels.shape
    kind = GREY if channels == 1 else COLOUR
    lines = torch.cat((pixels.new_zeros(rows, 1), pixels.reshape(rows, -1)), dim=1)
    data = zlib.compress(lines.cpu().contiguous().numpy().tobytes(), 9)
    head = struct.pack(">2I5B", columns, rows, 8, kind, 0, 0, 0)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunks).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
