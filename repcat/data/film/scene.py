"""Scene of a film: what else lies in the beam, and where the beam ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

WATER = 0.022  # 1/mm, of an arm
HUMERUS_MM, HUMERUS = 24.0, 0.016  # thickness, and 1/mm that its bone has above water


@dataclass(frozen=True, slots=True)
class Frame:
    """Pixels (rows, columns) of an image and their pitch in mm at the patient's axis."""

    pixels: tuple[int, int]
    mm: tuple[float, float]

    @property
    def sides(self) -> tuple[float, float]:
        """Height and width in mm."""
        return self.pixels[0] * self.mm[0], self.pixels[1] * self.mm[1]

    def places(self) -> tuple[Tensor, Tensor]:
        """Return how far down and to the right of the middle each pixel is, in mm."""
        down, right = (
            (torch.arange(n, dtype=torch.float32) - (n - 1) / 2) * mm
            for n, mm in zip(self.pixels, self.mm, strict=True)
        )
        return down[:, None], right[None, :]

    def about_line(self, point: tuple[float, float], angle: float) -> tuple[Tensor, Tensor]:
        """Return how far each pixel is from a line, and along it from a point (down, right), in mm.

        At angle 0 it runs downwards.
        """
        down, right = self.places()
        down, right = down - point[0], right - point[1]
        cosine, sine = math.cos(angle), math.sin(angle)
        return (right * cosine - down * sine).abs(), (right * sine + down * cosine).abs()


def uniform(chance: Generator, low: float = 0.0, high: float = 1.0) -> float:
    """Draw a number between two."""
    return low + (high - low) * float(torch.rand((), generator=chance))


def arm(frame: Frame, thickest: float, chance: Generator) -> tuple[Tensor, Tensor]:
    """Return the line integrals of an arm at one side, and the part of them in its bone.

    A cylinder of water, 40 mm to `thickest`, about a humerus of 24 mm, that leans across an upper
    corner or hangs at the side and ends softly.
    """
    thick = uniform(chance, min(40.0, thickest), thickest)
    height, width = frame.sides
    side = 1.0 if uniform(chance) < 0.5 else -1.0
    angle = side * math.radians(uniform(chance, -15, 35))
    point = (-height / 2, side * width / 2 * uniform(chance, 0.7, 1.1))
    off, _ = frame.about_line(point, angle)
    down, _ = frame.places()
    end = height * uniform(chance, -0.25, 0.5)
    there = ((end - down) / (0.1 * height) + 0.5).clamp(0, 1)
    flesh, core = (
        (t * t - 4 * off * off).clamp(min=0).sqrt() * there for t in (thick, min(thick, HUMERUS_MM))
    )
    bone = core * (WATER + HUMERUS)
    return flesh * WATER + core * HUMERUS, bone


def clothing(frame: Frame, most: int, chance: Generator) -> Tensor:
    """Return the line integrals of 1 to `most` buttons, electrodes or wires.

    Discs 6 to 20 mm wide; lines 1 to 3 mm wide and 60 to 300 mm long. What is finer than a pixel
    fills its share of it.
    """
    total = torch.zeros(frame.pixels)
    height, width = frame.sides
    pitch = sum(frame.mm) / 2
    for _ in range(1 + int(uniform(chance, 0, most))):
        point = (height * uniform(chance, -0.45, 0.45), width * uniform(chance, -0.45, 0.45))
        off, along = frame.about_line(point, uniform(chance, 0, math.pi))
        absorbs, size = uniform(chance, 0.2, 1.5), uniform(chance)
        if uniform(chance) < 0.6:
            wide, off = 6 + 14 * size, (off * off + along * along).sqrt()
        else:
            wide, long = 1 + 2 * size, 30 + 120 * uniform(chance)
            off = torch.where(along < long, off, torch.inf)
        filled = ((wide + pitch) / 2 - off) / pitch
        total += absorbs * filled.clamp(0, min(1.0, wide / pitch))
    return total


@dataclass(frozen=True, slots=True)
class Field:
    """The rectangle of pixels that the beam reaches: first and last row, first and last column."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def drawn(cls, frame: Frame, most: float, chance: Generator) -> Field:
        """Draw a field that loses up to `most` mm a side, but never more than a third."""
        (rows, columns), (high, wide) = frame.pixels, frame.mm
        cut = [
            min(int(uniform(chance, 0, most) / mm), n // 3)
            for n, mm in ((rows, high), (rows, high), (columns, wide), (columns, wide))
        ]
        return cls(cut[0], rows - 1 - cut[1], cut[2], columns - 1 - cut[3])

    def mask(self, like: Tensor) -> Tensor:
        """Return 1 within the field and 0 without, shaped as an image."""
        inside = torch.zeros_like(like)
        inside[self.top : self.bottom + 1, self.left : self.right + 1] = 1
        return inside

    def edges_go_on(self, image: Tensor) -> Tensor:
        """Return an image whose border is that of the field, as of a film that was cut there."""
        rows = torch.arange(image.shape[0]).clamp(self.top, self.bottom)
        columns = torch.arange(image.shape[1]).clamp(self.left, self.right)
        return image[rows][:, columns]
