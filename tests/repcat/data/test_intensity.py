"""Line integrals to grey values."""

import pytest
import torch

from repcat.data.intensity import to_unit


def test_max_divides_each_image_by_its_own_largest_value():
    images = torch.tensor([[[1.0, 2.0]], [[4.0, 8.0]]])
    assert to_unit(images).tolist() == [[[0.5, 1.0]], [[0.5, 1.0]]]


def test_fixed_keeps_how_thick_a_patient_is():
    assert to_unit(torch.tensor([[4.0]]), "fixed", 8.0).item() == 0.5


def test_transmission_is_what_the_detector_loses():
    assert to_unit(torch.tensor([[2.0]]), "transmission").item() == pytest.approx(
        0.864665, abs=1e-6
    )


def test_eight_bits_leave_256_values():
    grey = to_unit(torch.linspace(0, 1, 10_000)[None], "max", bits=8)
    assert len(grey.unique()) == 256


def test_gradients_pass_rounding_as_if_it_were_not_there():
    integrals = torch.linspace(0, 7, 50)[None].requires_grad_()
    rounded, plain = (
        torch.autograd.grad(to_unit(integrals, "transmission", bits=b).sum(), integrals)[0]
        for b in (8, 0)
    )
    assert torch.equal(rounded, plain)
