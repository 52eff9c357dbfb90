"""Structural similarity against scikit-image and MONAI."""

import pytest
import torch
from skimage.metrics import structural_similarity

from repcat.errors import DataError
from repcat.scoring.ssim import SLAB, GaussianSSIM, cube_ssim, slice_ssim, ssim3d


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    """Two volumes of more slices than are worked on at once, along every axis of a window."""
    truth = torch.rand(SLAB + 8, 18, 20, generator=torch.Generator().manual_seed(0))
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
    wider = structural_similarity(a, b, data_range=3.0, channel_axis=axis)
    assert slice_ssim(*pair, axis, 3.0) == pytest.approx(wider, abs=1e-6)


def test_the_usual_range_is_0_to_1(pair) -> None:
    assert cube_ssim(*pair) == cube_ssim(*pair, 1.0)
    assert slice_ssim(*pair, 0) == slice_ssim(*pair, 0, 1.0)
    assert ssim3d(*pair) == ssim3d(*pair, 1.0)


def test_ssim_does_not_depend_on_the_unit(pair) -> None:
    """2500 times the values over 2500 times the range; whole numbers are taken too."""
    a, b = ((2500 * v).int() for v in pair)
    for of in (ssim3d, cube_ssim, lambda a, b, r: slice_ssim(a, b, 1, r)):
        assert of(a, b, 2500.0) == pytest.approx(of(a / 2500, b / 2500, 1.0), abs=1e-6)


def test_the_mean_is_over_windows_inside(pair) -> None:
    ssim = GaussianSSIM(pair[0])
    similarity = torch.full((16, 18, 20), 9.0)
    similarity[5:-5, 5:-5, 5:-5] = torch.arange(6.0)[:, None, None]
    assert ssim.mean(similarity) == 2.5


@pytest.mark.parametrize("data_range", [1.0, 2.0])
def test_cube_ssim_equals_scikit_image(pair, data_range: float) -> None:
    a, b = (v.double().numpy() for v in pair)
    theirs = structural_similarity(a, b, data_range=data_range)
    assert cube_ssim(*pair, data_range) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize(
    ("of", "least"), [(ssim3d, 11), (cube_ssim, 7), (lambda a, b: slice_ssim(a, b, 0), 7)]
)
def test_a_volume_smaller_than_the_window_is_refused(of, least: int) -> None:
    smallest = torch.rand(least, least, least + 1)
    assert of(smallest, smallest) == pytest.approx(1)
    told = rf"{least} voxels a side or more, got {least - 1} x {least} x {least + 1}; .*"
    with pytest.raises(DataError, match=rf"{told}\ncode: volume-too-small"):
        of(smallest[1:], smallest[1:])
    with pytest.raises(DataError, match=f"{least} voxels a side or more, got {least} x"):
        of(smallest[0], smallest[0])  # an image
