"""Linear probe: is the X-rays' information still in the network (Eqs. 5 to 9)?

Repeating and concatenating is said to retain what a latent code loses. A linear probe (Alain and
Bengio 2016) asks: how much of the X-rays does a ridge regression recover, on patients it was not
fitted to, from the network's input, from its narrowest layer and from its output? A bound from
below: what a linear map does not find may still be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat.models.network import Network
from repcat.types import Batch

# A probe is asked for images of 16 pixels a side: few enough for a few hundred patients.
PIXELS = 16
# Shares of the mean squared feature that may be the ridge's weight; leaving one out chooses.
WEIGHTS = tuple(10.0**k for k in range(-8, 4))


def small_views(xrays: Tensor) -> Tensor:
    """Average X-rays (1, N, rows, columns) down to PIXELS a side and flatten, in float64."""
    small = F.adaptive_avg_pool2d(xrays.float(), min(PIXELS, *xrays.shape[-2:]))
    return small.flatten().double().cpu()


def narrowest(network: Network, batch: Batch) -> str:
    """Return the name of the module of the backbone whose output has the fewest numbers.

    Of several the first; a network with skip connections has ways around it.
    """
    sizes: dict[str, int] = {}

    def note(name: str, module: nn.Module, inputs: Any, out: Any) -> None:  # noqa: ANN401
        if isinstance(out, Tensor) and out.shape[:1] == (1,):
            sizes.setdefault(name, out.numel())

    with torch.no_grad(), ExitStack() as hooks:
        for name, module in network.backbone.named_modules():
            if name:
                hooks.enter_context(module.register_forward_hook(partial(note, name)))
        network(batch)
    return min(sizes, key=sizes.__getitem__) if sizes else ""


class Taps:
    """Read a network at its input (what the mapper gives), at a module, and at its output."""

    def __init__(self, network: Network, module: str) -> None:
        self.network, self.module = network, module
        middle = (f"narrowest layer ({module})",) if module else ()
        self.places = ("network's input", *middle, "output")

    def __enter__(self) -> Taps:
        self._seen: dict[str, Tensor] = {}
        watched: dict[str, nn.Module] = {self.places[0]: self.network.mapper}
        if self.module:
            watched[self.places[1]] = self.network.backbone.get_submodule(self.module)
        keep = self._keep
        self._hooks = [m.register_forward_hook(partial(keep, p)) for p, m in watched.items()]
        return self

    def __exit__(self, *error: Any) -> None:  # noqa: ANN401  (type, error, traceback)
        for hook in self._hooks:
            hook.remove()

    def _keep(self, place: str, module: nn.Module, inputs: Any, out: Tensor) -> None:  # noqa: ANN401
        self._seen[place] = out

    @torch.no_grad()
    def read(self, batch: Batch) -> dict[str, Tensor]:
        """Return the numbers at each place for a batch of one patient."""
        out = self.network(batch).volume
        seen = {**self._seen, self.places[-1]: out}
        return {place: t.flatten().float().cpu() for place, t in seen.items()}


@dataclass(frozen=True, slots=True)
class Ridge:
    """A ridge regression from features to views in its dual form, for more features than patients.

    Its weight is chosen by leaving one training patient out, in closed form.
    """

    features: Tensor
    mean: Tensor
    views_mean: Tensor
    dual: Tensor

    @classmethod
    def fit(cls, features: Sequence[Tensor], views: Sequence[Tensor]) -> Ridge:
        """Fit to patients' features (M,) and views (V,)."""
        x, y = torch.stack(list(features)), torch.stack(list(views))
        mean, views_mean = x.mean(dim=0), y.mean(dim=0)
        x, y = x - mean, y - views_mean
        kernel = x.double() @ x.double().T
        values, vectors = torch.linalg.eigh(kernel)
        duals = [_dual(values.clamp(min=0), vectors, y, w * _scale(values)) for w in WEIGHTS]
        _, dual = min(duals, key=lambda found: found[0])
        return cls(x, mean, views_mean, dual)

    def recovered(self, features: Tensor, views: Tensor) -> float:
        """Return 1 - error of a patient's views over that of the mean training X-ray."""
        guess = ((features - self.mean) @ self.features.T).double() @ self.dual
        apart = views - self.views_mean
        return float(1 - (guess - apart).square().sum() / apart.square().sum().clamp(min=1e-12))


def _scale(values: Tensor) -> float:
    return max(float(values.mean()), 1e-12)


def _dual(values: Tensor, vectors: Tensor, y: Tensor, weight: float) -> tuple[float, Tensor]:
    """Return the squared error of leaving one out, and the dual weights (P, V)."""
    inverse = (vectors / (values + weight)) @ vectors.T
    dual = inverse @ y
    left_out = dual / inverse.diagonal()[:, None]
    return float(left_out.square().sum()), dual
