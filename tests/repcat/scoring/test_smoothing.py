"""Smoothing against SciPy."""

import pytest
import torch
from scipy import ndimage

from repcat.scoring.smoothing import blur


@pytest.mark.parametrize("sigma_mm", [0.5, 4.0, 60.0])
def test_blur_equals_scipy_in_mm(sigma_mm: float) -> None:
    volume, voxel_mm = torch.rand(10, 12, 14, dtype=torch.float64), (5.0, 2.0, 2.5)
    sigmas = [sigma_mm / mm for mm in voxel_mm]
    theirs = ndimage.gaussian_filter(volume.numpy(), sigmas)
    assert torch.allclose(blur(volume, sigma_mm, voxel_mm), torch.from_numpy(theirs), atol=1e-9)
