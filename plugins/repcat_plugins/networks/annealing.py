"""The annealing of Sinkhorn's algorithm: eps from the clouds' diameter down to blur^p.

geomloss' (Feydy, thesis 2020, Algorithm 3.5), with its schedule, on the cost matrices of G pairs of
clouds at once: its own loop anneals one pair. S and T are the two clouds of a pair, K their points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

Power = Literal[1, 2]


def diameter(x: Tensor, y: Tensor) -> Tensor:
    """Return the diagonal of the box around both clouds, as geomloss takes it."""
    x, y = x.detach(), y.detach()
    highest = torch.maximum(x.amax(dim=0), y.amax(dim=0))
    box = highest - torch.minimum(x.amin(dim=0), y.amin(dim=0))
    diagonal: Tensor = torch.linalg.vector_norm(box)
    return diagonal


def schedules(
    diameters: Sequence[float], p: Power, blur: float, scaling: float
) -> tuple[Tensor, Tensor]:
    """Return geomloss' eps of each pair, (G, steps), and how far a step goes: half-way, or 0.

    A shorter schedule waits at its first eps until the longest has come as far. Points that all
    coincide have no diameter, of which geomloss would take the logarithm: never below a thousandth
    of the blur.
    """
    from geomloss._legacy.sinkhorn_divergence import epsilon_schedule

    found = [epsilon_schedule(p, max(d, 1e-3 * blur), blur, scaling) for d in diameters]
    most = max(map(len, found))
    eps = [[float(e) for e in (*eps[:1] * (most - len(eps)), *eps)] for eps in found]
    moves = [[0.0] * (most - len(eps)) + [0.5] * len(eps) for eps in found]
    return torch.tensor(eps, dtype=torch.float64), torch.tensor(moves, dtype=torch.float64)


def descend(cost: Tensor, log_weight_SK: Tensor, eps_GT: Tensor, moves_GT: Tensor) -> Tensor:
    """Return log w_j + h_j / eps, (G, S, T, 1, K), for the potentials h of T at the end.

    A step moves all potentials at once towards the softmin of those on the other side.
    """
    log_weight = log_weight_SK.unsqueeze(1)
    eps_T, moves_T = (t.to(cost.device).T[..., None, None, None, None] for t in (eps_GT, moves_GT))
    potential = softmin(cost, log_weight, eps_T[0])
    for eps, move in zip(eps_T, moves_T, strict=True):
        found = softmin(cost, log_weight + across(potential) / eps, eps)
        potential = torch.lerp(potential, found, move.squeeze(-1))
    return log_weight + across(potential) / eps_T[-1]


def softmin(cost: Tensor, pull: Tensor, eps: Tensor | float) -> Tensor:
    """Return -eps log sum_j exp(pull_j - cost_ij / eps), (G, S, T, K), for eps (G, 1, 1, 1, 1)."""
    least = -eps * (pull - cost / eps).logsumexp(dim=-1, keepdim=True)
    return least.squeeze(-1)


def across(potential: Tensor) -> Tensor:
    """Turn potentials on S against T into those on T against S, (G, S, T, 1, K)."""
    return potential.transpose(1, 2).unsqueeze(-2)
