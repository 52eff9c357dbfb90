"""The soft lung mask."""

import pytest
import torch

from repcat import Request, View
from repcat.testing import installed
from repcat_ccx.mask import lung_mask


def test_the_two_classes_add_up_to_one_and_air_is_no_lung():
    plane = torch.rand(2, 1, 8, 8)
    plane[:, :, :2] = 0.0
    mask = lung_mask(plane)
    assert mask.shape == (2, 2, 8, 8) and mask.min() >= 0
    torch.testing.assert_close(mask.sum(1), torch.ones(2, 8, 8))
    assert mask[:, 0, :2].max() < 1e-3


def test_what_is_dark_inside_the_body_counts_as_lung():
    plane = torch.full((1, 1, 8, 8), 0.8)
    plane[..., 2:5, 2:5] = 0.3
    lung = lung_mask(plane)[0, 0]
    assert lung[2:5, 2:5].min() > 0.95 and lung[6:, 6:].max() < lung[2:5, 2:5].min()


@pytest.mark.parametrize(("azimuth", "axis", "known"), [(0.0, 1, 0.38), (90.0, 2, 0.44)])
def test_on_phantoms_it_follows_the_lung_as_far_as_its_page_says(azimuth, axis, known):
    from repcat_plugins.datasets.phantom.thorax import LABELS

    request = Request(64, (View(azimuth),), installed("projectors", "nanodrr")())
    phantoms = installed("datasets", "phantoms")(request, train=6)
    found = [phantoms.load(patient) for patient in phantoms.ids("train")]
    integrals = torch.stack([p.integrals for p in found])
    lung = torch.stack([(p.labels == LABELS["lung"]).float().mean(axis).flip(0) for p in found])
    mask = lung_mask(integrals / integrals.amax((2, 3), keepdim=True))[:, 0]
    both = torch.stack([mask.flatten(), lung.flatten()])
    assert float(both.corrcoef()[0, 1]) == pytest.approx(known, abs=0.01)
