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
    return _slopes(critic, truth).square().mean() / 2


def lipschitz_penalty(critic: nn.Module, fake: Tensor, truth: Tensor) -> Tensor:
    """Return (slope - 1)^2 of the critic at points between predictions and truths, their mean.

    WGAN-GP of Gulrajani et al. 2017 (arXiv:1704.00028), one point drawn on each line from a
    prediction to the truth beside it, in float32 outside autocast. Slopes are per unit of the
    Euclidean distance of volumes, so 1 is what the dual of the Wasserstein-1 distance allows.
    """
    share = torch.rand(len(truth), *[1] * (truth.dim() - 1), device=truth.device)
    between = torch.lerp(truth.detach().float(), fake.detach().float(), share)
    off_B: Tensor = _slopes(critic, between) - 1
    return off_B.square().mean()


def _slopes(critic: nn.Module, volumes: Tensor) -> Tensor:
    """Return the norm of the critic's gradient at each volume, (B,), to be differentiated again."""
    volumes = volumes.detach().float().requires_grad_()
    # fused attention has no second derivative
    plain = torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH)
    with torch.autocast(volumes.device.type, enabled=False), plain:
        (slope,) = torch.autograd.grad(critic(volumes).sum(), volumes, create_graph=True)
        norm_B: Tensor = torch.linalg.vector_norm(slope.flatten(1), dim=1)
        return norm_B
