"""standard against scikit-image."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from repcat.scoring.body_mask import body_mask
from repcat_plugins.protocols.standard import standard


def test_standard_equals_scikit_image(hu) -> None:
    figures = standard().against(hu[0])(hu[1])
    a, b = (np.clip((v.double().numpy() + 1000) / 2000, 0, 1) for v in hu)
    mask = body_mask(hu[0]).numpy()
    mean, full = structural_similarity(
        a, b, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )
    psnr, body = (
        peak_signal_noise_ratio(x, y, data_range=1) for x, y in ((a, b), (a[mask], b[mask]))
    )
    assert figures["psnr"] == pytest.approx(psnr, abs=1e-5)
    assert figures["ssim"] == pytest.approx(mean, abs=1e-5)
    assert figures["body_psnr"] == pytest.approx(body, abs=1e-5)
    assert figures["body_ssim"] == pytest.approx(full[mask].mean(), abs=1e-5)
    assert figures["mae_hu"] == pytest.approx(2000 * np.abs(a - b).mean(), abs=1e-2)
