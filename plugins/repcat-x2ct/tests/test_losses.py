"""The losses, where they are known without a computer."""

import pytest
import torch

from repcat_x2ct.losses import projection_error, to_fake, to_real

SIZE = (2, 1, 4, 4, 4)


@pytest.mark.parametrize(("logit", "real", "fake"), [(0, 1, 0), (1, 0, 1), (3, 4, 9), (-1, 4, 1)])
def test_least_squares_of_a_constant_logit(logit, real, fake):
    logits = torch.full((2, 1, 3, 3, 3), float(logit))
    assert (to_real(logits).item(), to_fake(logits).item()) == (real, fake)


def test_a_constant_error_is_its_own_projection_error():
    truth = torch.rand(SIZE)
    assert projection_error(truth + 0.25, truth).item() == pytest.approx(0.25, abs=1e-6)


@pytest.mark.parametrize("axis", [2, 3, 4])
def test_errors_that_cancel_along_one_axis_are_seen_along_the_other_two(axis):
    signs = torch.tensor([0.5, -0.5, 0.5, -0.5]).view([-1 if k == axis else 1 for k in range(5)])
    truth = torch.full(SIZE, 0.5)
    error = projection_error(truth + signs, truth).item()
    assert error == pytest.approx((0.0 + 0.5 + 0.5) / 3, abs=1e-6)
