"""Orientation: the eight ways in which a square film can lie, four turns, each mirrored."""

from __future__ import annotations

import torch
from torch import Tensor

from repcat.view import Vector

# What was done to a film that read well, in the order of `turned`: quarter turns to the left,
# then the same followed by a mirror.
NAMES = (
    "as it should",
    "turned a quarter to the left",
    "upside down (turned by half)",
    "turned a quarter to the right",
    "mirrored left to right",
    "mirrored along its falling diagonal (a quarter turn and a mirror)",
    "mirrored top to bottom",
    "mirrored along its rising diagonal (a quarter turn and a mirror)",
)
UPRIGHT = 0
# Directions by DICOM's letters, in LPS.
LETTERS: dict[str, Vector] = {"L": (1, 0, 0), "P": (0, 1, 0), "H": (0, 0, 1)}
LETTERS |= {"R": (-1, 0, 0), "A": (0, -1, 0), "F": (0, 0, -1)}
ALONG = 0.5  # cosine above which two directions are the same axis of a film


def turn(image: Tensor, number: int) -> Tensor:
    """Turn an image (..., rows, columns): `number` % 4 quarters to the left, mirrored from 4 on."""
    image = torch.rot90(image, number % 4, (-2, -1))
    return image.flip(-1) if number >= len(NAMES) // 2 else image


def turned(images: Tensor) -> Tensor:
    """Return square images (..., n, n) in the eight ways (8, ..., n, n)."""
    return torch.stack([turn(images, k) for k in range(len(NAMES))])


def undo(number: int) -> int:
    """Return the turn that takes another one back."""
    return {1: 3, 3: 1}.get(number, number)


def turn_between(have: tuple[Vector, Vector], want: tuple[Vector, Vector]) -> int | None:
    """Find the turn after which columns and rows are counted along `want` instead of `have`.

    Each is (direction of growing columns, direction of growing rows). None where no turn does it,
    because one of the directions is seen end-on.
    """
    for number in range(len(NAMES)):
        across, down = have
        for _ in range(number % 4):  # a quarter to the left: the old last column becomes the top
            across, down = down, _minus(across)
        axes = (_minus(across) if number >= len(NAMES) // 2 else across, down)
        if all(_cosine(a, b) > ALONG for a, b in zip(axes, want, strict=True)):
            return number
    return None


def _minus(vector: Vector) -> Vector:
    x, y, z = vector
    return (-x, -y, -z)


def _cosine(a: Vector, b: Vector) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
