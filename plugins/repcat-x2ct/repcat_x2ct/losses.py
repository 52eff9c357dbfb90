"""The three losses of X2CT-GAN, each a mean."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

# Axes of (B, 1, D, H, W) that a volume is projected along.
AXES = (2, 3, 4)


def to_real(logits: Tensor) -> Tensor:
    """Return the mean squared distance of logits to 1, which stands for real (LSGAN)."""
    return (logits.float() - 1).square().mean()


def to_fake(logits: Tensor) -> Tensor:
    """Return the mean squared distance of logits to 0, which stands for fake (LSGAN)."""
    return logits.float().square().mean()


def projection_error(fake: Tensor, truth: Tensor) -> Tensor:
    """Return the L1 error of parallel projections, the mean of |volume| along z, y and x.

    Ying et al. (2019) define them so, orthogonal instead of perspective, to hold the shape alone:
    they are not the X-rays of `task.project`, whose views, rays and attenuation are the dataset's.
    """
    fake, truth = fake.float().abs(), truth.float().abs()
    errors = [F.l1_loss(fake.mean(dim=axis), truth.mean(dim=axis)) for axis in AXES]
    return torch.stack(errors).mean()
