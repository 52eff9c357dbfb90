"""Gradients of the output with respect to the input views (Fig. 8)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from repcat.figures.image_grid import Sheet
from repcat.models.network import Network
from repcat.scoring.metrics import pairwise_correlation
from repcat.types import Batch
from repcat.view import View

SLICES = 6
COLOURS = "inferno"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Magnitudes of the gradient of one patient's summed output.

    `xrays` (N, rows, columns) with respect to each view. `stack` (C, D, H, W) with respect to what
    the mapper gives the backbone, the 3D input whose slices Fig. 8 shows; None where it gives no
    volume of the output's size with a channel for each view.
    """

    patient: str
    xrays: Tensor
    stack: Tensor | None


def attribute(network: Network, batch: Batch) -> Attribution:
    """Differentiate the sum of the predicted volume of a batch of one; weights stay as they are."""
    leaf = batch.xrays.detach().clone().requires_grad_()
    kept: list[Tensor] = []
    hook = network.mapper.register_forward_hook(lambda _m, _i, out: kept.append(out))
    try:
        with torch.enable_grad():
            total = network(replace(batch, xrays=leaf)).volume.float().sum()
            wanted = [leaf, *(t for t in kept if t.requires_grad)]
            found = torch.autograd.grad(total, wanted, allow_unused=True)
    finally:
        hook.remove()
    size = (1, len(batch.views), *batch.volume.shape[2:])
    stack = found[1] if len(found) > 1 else None
    fits = stack is not None and stack.shape == size
    inside = _magnitude(stack, kept[0]) if fits else None
    return Attribution(batch.ids[0], _magnitude(found[0], leaf), inside)


def variability(maps: Tensor) -> float:
    """Return 1 - mean correlation of every two of (P, rows, columns); 0 when all are alike."""
    count = len(maps)
    if count < 2:
        return 0.0
    correlation = pairwise_correlation(maps)
    return float(1 - (correlation.sum() - count) / (count * (count - 1)))


def variabilities(found: Sequence[Attribution], views: Sequence[View]) -> dict[str, float]:
    """Return the paper's two kinds of variability, each a mean over views and the other kind.

    `within`: between slices of one patient's 3D input, NaN where there is none. `across`: between
    patients, the same slice or, without a 3D input, the same X-ray. `xrays`: between patients, the
    gradient with respect to the X-ray itself.
    """
    over_views = range(len(views))
    xrays = _mean([variability(torch.stack([a.xrays[n] for a in found])) for n in over_views])
    stacks = [a.stack for a in found if a.stack is not None]
    if len(stacks) < len(found):
        return {"within": math.nan, "across": xrays, "xrays": xrays}
    cut = [torch.stack([slices(s, n, views[n]) for s in stacks]) for n in over_views]
    within = _mean([variability(patient) for view in cut for patient in view])
    across = _mean([variability(view[:, k]) for view in cut for k in range(view.shape[1])])
    return {"within": within, "across": across, "xrays": xrays}


def slices(stack_CDHW: Tensor, channel: int, view: View, count: int = SLICES) -> Tensor:
    """Cut `count` slices (count, rows, columns) through a channel, facing the view, head up."""
    lateral = abs(view.columns[1]) > abs(view.columns[0])
    planes = stack_CDHW[channel].movedim(2 if lateral else 1, 0)
    inner = torch.linspace(0, len(planes) - 1, count + 2)[1:-1].round().long()
    return planes[inner.to(planes.device)].flip(1)


def draw(path: Path, found: Sequence[Attribution], views: Sequence[View], title: str) -> None:
    """Draw Fig. 8: above, slices of the first patient's 3D input; below, patient by patient.

    Two rows a view. All panels of a row share one scale, from 0 to the row's largest.
    """
    first = found[0].stack
    across = {a.patient: a.xrays for a in found}
    within = 0 if first is None else len(views)
    sheet = Sheet(within + len(views), max(len(found), SLICES if within else 1), title)
    for n, view in enumerate(views):
        if first is not None:
            cut = {f"slice {k + 1}": image for k, image in enumerate(slices(first, n, view))}
            name = f"{view} degrees\nwithin\n{found[0].patient}"
            _row(sheet, n, name, cut)
        shots = {patient: xrays[n] for patient, xrays in across.items()}
        _row(sheet, within + n, f"{view} degrees\nacross\npatients", shots)
    sheet.write(path)


def _row(sheet: Sheet, row: int, label: str, images: Mapping[str, Tensor]) -> None:
    sheet.label(row, label)
    largest = torch.stack([image.amax() for image in images.values()]).amax().cpu()
    scale = torch.stack([torch.zeros(()), largest])
    for column, (title, image) in enumerate(images.items()):
        sheet.show(row, column, image, title, like=scale, colours=COLOURS)


def _magnitude(gradient: Tensor | None, like: Tensor) -> Tensor:
    """Return |gradient| without the batch axis; of an input that is not read, zeros."""
    found = torch.zeros_like(like) if gradient is None else gradient
    return found.detach().abs().float().cpu()[0]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
