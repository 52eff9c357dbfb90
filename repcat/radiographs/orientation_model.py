"""Orientation model (8 rigid turns): a linear template of each view."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat.radiographs.orientation import UPRIGHT, turned

SIDE = 32
REACHES = (2, 6)  # half-widths, in 32nds of a film, of the surroundings that are taken off
COPIES = 8  # altered copies of each training X-ray
RIDGE = 0.1
ROUNDS = 60


def features(images: Tensor) -> Tensor:
    """Describe images (B, rows, columns) by contrast against two surroundings: (B, 2, 32, 32).

    Each is local mean taken off, divided by local spread, then brought to mean 0 and norm 32: grey
    scale and slow changes of it fall out.
    """
    unit = clipped(small(images))
    found = []
    for reach in REACHES:
        detail = unit - _blur(unit, reach)
        spread = _blur(detail * detail, reach).clamp(min=0).sqrt()
        found.append(_centred(detail / (spread + 0.05)))
    return torch.stack(found, dim=1)


def fit(images: Tensor, chance: torch.Generator) -> Tensor:
    """Fit the template (2, 32, 32) that scores upright training X-rays above their seven turns.

    Multinomial logistic regression with one weight vector: the score of a turn is that of the
    image turned back, so that the eight turns are treated alike. Images are altered first
    (`_altered`), so that another field of view or another scanner's grey scale does not turn them.
    """
    copies = [images] + [_altered(images, chance) for _ in range(COPIES)]
    seen = torch.cat([turned(features(one)).transpose(0, 1).flatten(2) for one in copies])
    weights = torch.zeros(seen.shape[-1], requires_grad=True)
    upright = torch.full((len(seen),), UPRIGHT)
    search = torch.optim.LBFGS([weights], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        value = F.cross_entropy(seen @ weights, upright) + RIDGE * weights.square().sum()
        value.backward()
        return value

    with torch.enable_grad():
        search.step(loss)
    return weights.detach().reshape(len(REACHES), SIDE, SIDE)


def read(image: Tensor, template: Tensor) -> Tensor:
    """Return how likely each of the eight turns would put an image (rows, columns) upright: (8,).

    Index 0 is the image as it is; index k, turned by turn k.
    """
    seen = turned(features(image[None])).flatten(2)[:, 0]
    return (seen @ template.flatten()).softmax(0)


def small(images: Tensor) -> Tensor:
    """Average images (B, rows, columns) to (B, 32, 32)."""
    return F.interpolate(images[:, None].float(), size=(SIDE, SIDE), mode="area")[:, 0]


def clipped(images: Tensor) -> Tensor:
    """Bring the 2nd and 98th percentile of each image to 0 and 1, clipping the rest."""
    flat = images.flatten(1)
    low, high = (flat.quantile(q, dim=1)[:, None, None] for q in (0.02, 0.98))
    return ((images - low) / (high - low + 1e-6)).clamp(0, 1)


def _altered(images: Tensor, chance: torch.Generator) -> Tensor:
    """Zoom, shift and turn a little, cut the body off at the edges, bend the grey scale."""
    n, side = len(images), 2 * SIDE

    def share(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=chance)

    def either(*shape: int) -> Tensor:
        return 2 * share(*shape) - 1

    zoom_x, zoom_y = (torch.exp(0.25 * either(n) + 0.05) for _ in range(2))
    shift_x, shift_y, angle = 0.15 * either(n), 0.2 * either(n), 0.1 * either(n)
    rows = (
        torch.stack((zoom_x * angle.cos(), -zoom_x * angle.sin(), shift_x), 1),
        torch.stack((zoom_y * angle.sin(), zoom_y * angle.cos(), shift_y), 1),
    )
    grid = F.affine_grid(torch.stack(rows, 1), [n, 1, side, side], align_corners=False)
    peak = images.amax(dim=(1, 2), keepdim=True).clamp(min=1e-6)
    moved = F.grid_sample((images / peak)[:, None].float(), grid, align_corners=False)[:, 0]
    ends = _ends(share(4, n), (-4, 12, -4, 18), share(n) < 0.7)
    sides = _ends(share(4, n), (-6, 10, -6, 10), share(n) < 0.4)
    slow = F.interpolate(0.35 * either(n, 1, 3, 3), size=side, mode="bicubic")[:, 0].exp()
    cut = moved * ends[:, :, None] * sides[:, None, :] * slow
    return cut.clamp(min=0) ** torch.exp(0.6 * either(n))[:, None, None]


def _ends(draws: Tensor, reach: tuple[int, int, int, int], which: Tensor) -> Tensor:
    """Return soft windows (n, 64) that end between `reach` cells from either end; 1 elsewhere."""
    at = torch.arange(2 * SIDE)[None]
    first = (reach[0] + (reach[1] - reach[0]) * draws[0])[:, None]
    last = 2 * SIDE - (reach[2] + (reach[3] - reach[2]) * draws[1])[:, None]
    soft = (1 + 6 * draws[2:])[:, :, None]
    window = ((at - first) / soft[0] + 0.5).clamp(0, 1) * ((last - at) / soft[1] + 0.5).clamp(0, 1)
    return torch.where(which[:, None], window, torch.ones(()))


def _blur(images: Tensor, reach: int) -> Tensor:
    """Average twice over squares of 2 reach + 1, of what lies inside."""
    average = nn.AvgPool2d(2 * reach + 1, stride=1, padding=reach, count_include_pad=False)
    twice: Tensor = average(average(images[:, None]))
    return twice[:, 0]


def _centred(images: Tensor) -> Tensor:
    images = images - images.mean(dim=(1, 2), keepdim=True)
    norm: Tensor = images.norm(dim=(1, 2), keepdim=True)
    return SIDE * images / norm.clamp(min=1e-6)
