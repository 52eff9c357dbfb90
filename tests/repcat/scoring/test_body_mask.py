"""Which voxels are scored as the body."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from repcat.errors import DataError
from repcat.scoring.body_mask import body_mask


def test_the_body_holds_its_lungs_and_leaves_out_air_and_table() -> None:
    hu = torch.full((8, 20, 20), -1000.0)
    hu[:, 4:14, 4:16] = 40.0
    hu[:, 6:10, 6:10] = -850.0  # a lung, open at both ends of the scan
    hu[:, 17:18, 2:18] = 100.0  # a table
    expected = torch.zeros(8, 20, 20, dtype=torch.bool)
    expected[:, 4:14, 4:16] = True
    assert torch.equal(body_mask(hu), expected)


def test_holes_are_those_that_scipy_finds_slice_by_slice() -> None:
    dense = torch.rand(6, 40, 30, generator=torch.Generator().manual_seed(0)) > 0.45
    pieces, _ = ndimage.label(dense.numpy())
    largest = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
    filled = np.stack([ndimage.binary_fill_holes(axial) for axial in largest])
    assert (filled != largest).any()
    assert np.array_equal(body_mask(torch.where(dense, 0.0, -1000.0)).numpy(), filled)


def test_values_that_are_not_hounsfield_units_are_found_out() -> None:
    with pytest.raises(DataError, match="from -1000 to -1000: are they Hounsfield units"):
        body_mask(torch.full((4, 4, 4), -1000.0))
