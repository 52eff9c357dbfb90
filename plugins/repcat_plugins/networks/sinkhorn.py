"""S_eps of Eq. 2: the Sinkhorn divergence of clouds of points, many pairs in one annealing.

Costs, algorithm and gradient are those of geomloss, which anneals one pair at a time. Here the
costs of a pair become matrices once, and those of all pairs are annealed together. The tests hold
values and gradients to geomloss' `SamplesLoss`, to 1e-11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from repcat_plugins.networks.annealing import Power, descend, diameter, schedules, softmin

# geomloss takes the root of no squared distance below this: at 0 it has no gradient
LEAST_SQUARE = 1e-8


@dataclass(frozen=True, slots=True)
class Transport:
    """G pairs of clouds x and y, annealed: four problems a pair, from cloud S to cloud T.

    `cost` (G, S, T, K, K) has a gradient to the points of S; K is the larger cloud's number of
    points, N or M, and the smaller one has points without weight. `pull` (G, S, T, 1, K) is
    log w_j + h_j / eps for the potentials h of T at the end of the annealing, `weights` (S, K).
    """

    cost: Tensor
    pull: Tensor
    weights: Tensor
    eps: float
    sizes: tuple[int, int]

    def divergences(self, *, debias: bool = True) -> Tensor:
        """Return S_eps of each pair, (G,), or with `debias` false the entropic cost.

        One more step carries the gradient, which so needs no way back through the annealing.
        """
        potential = softmin(self.cost, self.pull, self.eps)
        own_GST = (potential * self.weights.unsqueeze(1)).sum(dim=-1)
        value = own_GST[:, 0, 1] + own_GST[:, 1, 0]
        return value - own_GST[:, 0, 0] - own_GST[:, 1, 1] if debias else value

    @torch.no_grad()
    def plans(self) -> Tensor:
        """Return the plans (G, N, M) from x to y along which x is pulled, rows of sum 1 / N.

        The gradient of the entropic cost with respect to the cost of x_i to y_j, converged or not.
        """
        share = (self.pull - self.cost / self.eps)[:, 0, 1].softmax(dim=-1)
        rows, columns = self.sizes
        return (share * self.weights[0].unsqueeze(-1))[:, :rows, :columns]

    def off_diagonal(self) -> Tensor:
        """Return the share of mass that does not go to its own partner, 0 to 1, mean over pairs."""
        plans = self.plans()
        return 1 - (plans.diagonal(dim1=1, dim2=2).sum(dim=1) / plans.sum(dim=(1, 2))).mean()


def anneal(
    pairs: Sequence[tuple[Tensor, Tensor]],
    *,
    p: Power = 2,
    blur: float = 0.05,
    scaling: float = 0.95,
) -> Transport:
    """Solve G pairs of evenly weighted clouds (N, D) and (M, D) together; D may differ.

    Cost |x - y|^p / p, eps = blur^p with blur in the unit of the points. eps is annealed by
    `scaling`^p a step from the pair's diameter down and then it stops: at .5 (geomloss' default and
    the released code's) gradients of 8 points in 65k dimensions are 42 % off, at .95 about 0. In
    float64 and outside autocast, where bf16 gave -8.0 for 3.29. The diameters are read by the host,
    all at once: the number of steps depends on them.
    """
    with torch.autocast(pairs[0][0].device.type, enabled=False):
        doubles = [(x.double(), y.double()) for x, y in pairs]
        cost = torch.stack([_costs(x, y, p) for x, y in doubles])
        sizes = (doubles[0][0].shape[0], doubles[0][1].shape[0])
        weight_SK = _weights(sizes).to(cost.device)
        diameters = torch.stack([diameter(x, y) for x, y in doubles]).tolist()
        eps_GT, moves_GT = schedules(diameters, p, blur, scaling)
        pull = descend(cost.detach(), weight_SK.log(), eps_GT, moves_GT)
    return Transport(cost, pull, weight_SK, blur**p, sizes)


def sinkhorn_divergence(
    x_ND: Tensor,
    y_MD: Tensor,
    *,
    p: Power = 2,
    blur: float = 0.05,
    scaling: float = 0.95,
    debias: bool = True,
) -> Tensor:
    """Return the divergence of two clouds (N, D) and (M, D), or (G,) of G pairs (G, N, D).

    See `anneal`; two single points give |x - y|^2 / 2, and need no annealing. Float64.
    """
    if x_ND.shape[-2] == y_MD.shape[-2] == 1:
        square = (x_ND.double() - y_MD.double()).square().sum(dim=-1).squeeze(-1)
        floor = LEAST_SQUARE**0.5 if p == 1 and debias else 0.0  # what each point costs to itself
        return _powered(square / 2, p) - floor
    pairs = [(x_ND, y_MD)] if x_ND.dim() == 2 else list(zip(x_ND, y_MD, strict=True))
    values = anneal(pairs, p=p, blur=blur, scaling=scaling).divergences(debias=debias)
    return values[0] if x_ND.dim() == 2 else values


def _costs(x_ND: Tensor, y_MD: Tensor, p: Power) -> Tensor:
    """Return |a_i - b_j|^p / p of the clouds a and b, (2, 2, K, K), with a gradient to a alone."""
    clouds = (x_ND, y_MD)
    most = max(len(x_ND), len(y_MD))
    products = [[a @ b.detach().mT for b in clouds] for a in clouds]
    squares = [products[s][s].diagonal() for s in (0, 1)]
    rows = []
    for s, of_s in enumerate(squares):
        # its gradient is a_i, that of |a_i|^2 / 2
        half = of_s - of_s.detach() / 2
        for t, of_t in enumerate(squares):
            block = half.unsqueeze(1) + of_t.detach() / 2 - products[s][t]
            rows.append(F.pad(block, (0, most - block.shape[1], 0, most - block.shape[0])))
    return _powered(torch.stack(rows).unflatten(0, (2, 2)), p)


def _powered(half_square: Tensor, p: Power) -> Tensor:
    return half_square if p == 2 else (2 * half_square).clamp_min(LEAST_SQUARE).sqrt()


def _weights(sizes: tuple[int, int]) -> Tensor:
    """Return the weights (2, K) of the points of both clouds, 0 where there is none."""
    return torch.stack([F.pad(_even(n), (0, max(sizes) - n)) for n in sizes])


def _even(points: int) -> Tensor:
    return torch.full((points,), 1 / points, dtype=torch.float64)
