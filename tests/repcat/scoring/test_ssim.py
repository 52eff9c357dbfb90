"""Structural similarity against scikit-image and MONAI."""

import pytest
import torch
from skimage.metrics import structural_similarity

from repcat.errors import DataError
from repcat.scoring.ssim import GaussianSSIM, cube_ssim, slice_ssim, ssim3d


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    truth = torch.rand(16, 18, 20, generator=torch.Generator().manual_seed(0))
    return truth, (truth + 0.3 * torch.randn(truth.shape)).clamp(0, 1)


def test_3d_ssim_and_its_map_equal_scikit_image(pair) -> None:
    mean, full = structural_similarity(
        *(v.double().numpy() for v in pair),
        data_range=1.0,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    ssim = GaussianSSIM(pair[0])
    similarity = ssim.map(pair[1])
    assert ssim3d(*pair) == pytest.approx(mean, abs=1e-6)
    assert torch.allclose(similarity, torch.from_numpy(full).float(), atol=1e-5)


def test_3d_ssim_equals_monai(pair) -> None:
    from monai.metrics import SSIMMetric

    metric = SSIMMetric(spatial_dims=3, data_range=1.0)
    theirs = metric(*(v[None, None] for v in pair))
    assert ssim3d(*pair) == pytest.approx(float(theirs), abs=1e-5)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slice_ssim_equals_scikit_image(pair, axis: int) -> None:
    a, b = (v.double().numpy() for v in pair)
    theirs = structural_similarity(a, b, data_range=1.0, channel_axis=axis)
    assert slice_ssim(*pair, axis) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("data_range", [1.0, 2.0])
def test_cube_ssim_equals_scikit_image(pair, data_range: float) -> None:
    a, b = (v.double().numpy() for v in pair)
    theirs = structural_similarity(a, b, data_range=data_range)
    assert cube_ssim(*pair, data_range) == pytest.approx(theirs, abs=1e-6)


def test_a_volume_smaller_than_the_window_is_refused() -> None:
    with pytest.raises(DataError, match="11 voxels a side or more, got 8 x 16 x 16"):
        ssim3d(torch.rand(8, 16, 16), torch.rand(8, 16, 16))
