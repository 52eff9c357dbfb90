"""What a transport plan moves: how much of a cloud goes to another's partner."""

from __future__ import annotations

import torch
from torch import Tensor

from repcat_plugins.networks.sinkhorn import Power, diameter


def transport_plan(
    x_ND: Tensor, y_MD: Tensor, *, p: Power = 2, blur: float = 0.05, scaling: float = 0.95
) -> Tensor:
    """Return the plan (N, M) between evenly weighted clouds, rows of sum 1 / N; float64.

    The one that `sinkhorn_divergence` pulls x along, converged or not: the gradient of its
    transport cost with respect to |x_i - y_j|^p / p, softmax_j((g_j - cost_ij) / eps) / N for the
    dual potential g at the end of the annealing.
    """
    from geomloss import SamplesLoss

    costs: list[Tensor] = []

    def cost(a: Tensor, b: Tensor) -> Tensor:
        costs.append(torch.cdist(a, b) ** p / p)
        return costs[-1]

    with torch.enable_grad(), torch.autocast(x_ND.device.type, enabled=False):
        x, y = x_ND.detach().double().requires_grad_(), y_MD.detach().double()
        value = SamplesLoss(
            "sinkhorn",
            p=p,
            blur=blur,
            scaling=scaling,
            cost=cost,
            debias=False,
            diameter=diameter(x, y, blur),
            backend="tensorized",
        )(x, y)
        # geomloss asks for the costs of x to y and of y to x, and lets no gradient into the second
        (plan,) = torch.autograd.grad(value, [c for c in costs if c.requires_grad])
    return plan.squeeze(0)


def off_diagonal(plan_NN: Tensor) -> float:
    """Return the share of mass that does not go to its own partner, 0 to 1."""
    return 1 - float(plan_NN.trace() / plan_NN.sum())
