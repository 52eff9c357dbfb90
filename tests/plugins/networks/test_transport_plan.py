from __future__ import annotations

import pytest
import torch
from scipy.optimize import linear_sum_assignment

from repcat_plugins.networks.sinkhorn import sinkhorn_divergence
from repcat_plugins.networks.transport_plan import off_diagonal, transport_plan


def clouds(points: int, numbers: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, points, numbers, generator=generator, dtype=torch.float64)
    return x, y


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("p", "blur"), [(2, 0.05), (1, 0.001)])
def test_with_a_small_blur_it_is_the_best_assignment(seed: int, p: int, blur: float) -> None:
    x, y = clouds(8, 50, seed)
    plan = transport_plan(x, y, p=p, blur=blur)
    rows, columns = linear_sum_assignment((torch.cdist(x, y) ** p).numpy())
    assignment = torch.zeros(8, 8, dtype=torch.float64)
    assignment[rows, columns] = 1 / 8
    torch.testing.assert_close(plan, assignment, atol=1e-3, rtol=0)
    assert off_diagonal(plan) == pytest.approx((rows != columns).mean(), abs=1e-2)


def test_with_a_large_blur_every_point_goes_everywhere() -> None:
    x, y = clouds(5, 3)
    plan = transport_plan(x, y, blur=100.0)
    torch.testing.assert_close(plan, torch.full((5, 5), 1 / 25).double(), atol=1e-4, rtol=0)
    assert off_diagonal(plan) == pytest.approx(0.8, abs=1e-3)


def test_every_point_gives_an_even_share() -> None:
    given = transport_plan(*clouds(6, 2), blur=0.5).sum(dim=1)
    torch.testing.assert_close(given, torch.full((6,), 1 / 6).double())


@pytest.mark.parametrize("blur", [0.05, 0.5])
def test_the_gradient_of_the_divergence_follows_it(blur: float) -> None:
    x, y = clouds(6, 3)
    x.requires_grad_()
    (found,) = torch.autograd.grad(sinkhorn_divergence(x, y, blur=blur, debias=False), x)
    plan = transport_plan(x, y, blur=blur)
    torch.testing.assert_close(found, x.detach() / 6 - plan @ y, atol=1e-9, rtol=0)


def test_nothing_moves_where_each_point_is_at_its_goal() -> None:
    x, _ = clouds(4, 20)
    assert off_diagonal(transport_plan(x, x)) == pytest.approx(0, abs=1e-9)
