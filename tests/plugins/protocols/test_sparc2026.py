"""sparc2026 against NumPy and scikit-image, called as SPARC's eval_metrics_csv calls them."""

import math

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from repcat_plugins.protocols.sparc2026 import sparc2026


def test_sparc2026_equals_whole_hu_scored_by_numpy_and_scikit_image(hu) -> None:
    whole = [np.clip(v.numpy(), -1024, 1024).astype(np.int16).astype(np.float64) for v in hu]
    truth, prediction = ((v + 1024) / 2048 for v in whole)
    found = sparc2026().against(hu[0])(hu[1])
    error = ((truth - prediction) ** 2).mean()
    assert found["psnr"] == pytest.approx(-10 * math.log10(error), abs=1e-4)
    assert found["ssim"] == pytest.approx(
        structural_similarity(truth, prediction, data_range=1.0), abs=1e-5
    )
    assert found["mae_hu"] == pytest.approx(np.abs(whole[0] - whole[1]).mean(), abs=1e-3)
