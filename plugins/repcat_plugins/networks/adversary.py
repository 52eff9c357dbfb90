"""The losses of a generator and a critic, and the penalty that keeps the critic gentle."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Adversary = Literal["vanilla", "hinge", "least_squares"]


def model_loss(adversary: Adversary, on_fake: Tensor) -> Tensor:
    """Return what the model lowers, from the critic's scores (B, 1) of its volumes.

    'vanilla' is -log sigmoid d(g), which does not saturate (Goodfellow et al. 2014); 'hinge' is
    -d(g); 'least_squares' is (d(g) - 1)^2 / 2.
    """
    if adversary == "vanilla":
        return F.softplus(-on_fake).mean()
    if adversary == "hinge":
        return -on_fake.mean()
    return (on_fake - 1).square().mean() / 2


def critic_loss(adversary: Adversary, on_fake: Tensor, on_truth: Tensor) -> Tensor:
    """Return what the critic lowers, from its scores (B, 1) of predictions and truths.

    'vanilla' is the cross-entropy of real and false; 'hinge' asks for 1 and -1 (Lim and Ye 2017);
    'least_squares' for 1 and 0 (Mao et al. 2017).
    """
    if adversary == "vanilla":
        return F.softplus(-on_truth).mean() + F.softplus(on_fake).mean()
    if adversary == "hinge":
        return F.relu(1 - on_truth).mean() + F.relu(1 + on_fake).mean()
    return ((on_truth - 1).square().mean() + on_fake.square().mean()) / 2


def slope_penalty(critic: nn.Module, truth: Tensor) -> Tensor:
    """Return half the squared slope of the critic at true volumes, mean over patients.

    R1 of Mescheder et al. 2018 (arXiv:1801.04406), in float32 outside autocast.
    """
    truth = truth.detach().float().requires_grad_()
    # fused attention has no second derivative
    plain = torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH)
    with torch.autocast(truth.device.type, enabled=False), plain:
        (slope,) = torch.autograd.grad(critic(truth).sum(), truth, create_graph=True)
        return slope.square().flatten(1).sum(dim=1).mean() / 2
