from __future__ import annotations

import pytest
import torch
from geomloss import SamplesLoss
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from repcat_plugins.networks.annealing import diameter
from repcat_plugins.networks.sinkhorn import anneal, sinkhorn_divergence


def clouds(*shapes: tuple[int, ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(*shape, generator=generator) for shape in shapes]


def normal(points: int, numbers: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(2, points, numbers, generator=generator, dtype=torch.float64)
    return x, y


def found_by_geomloss(x: Tensor, y: Tensor, debias: bool, **options) -> list[Tensor]:
    """Return the value and both gradients."""
    across = {"diameter": diameter(x, y).item(), "backend": "tensorized"}
    value = SamplesLoss("sinkhorn", debias=debias, **across, **options)(x, y)
    return [value, *torch.autograd.grad(value, (x, y))]


@pytest.mark.parametrize("sizes", [(6, 6), (5, 7), (3, 1), (1, 1)])
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("debias", [True, False])
@pytest.mark.parametrize(("blur", "scaling"), [(0.05, 0.95), (1.0, 0.5)])
def test_values_and_gradients_are_those_that_geomloss_computes(
    sizes: tuple[int, int], p: int, debias: bool, blur: float, scaling: float
) -> None:
    x, y = (torch.randn(n, 200).double().requires_grad_() for n in sizes)
    options = {"p": p, "blur": blur, "scaling": scaling, "debias": debias}
    value = sinkhorn_divergence(x, y, **options)
    found = [value, *torch.autograd.grad(value, (x, y))]
    for ours, theirs in zip(found, found_by_geomloss(x, y, **options), strict=True):
        assert (ours - theirs).norm() <= 1e-11 * theirs.norm()


@pytest.mark.parametrize("case", range(5))
def test_values_and_gradients_are_geomloss_own(golden, case: int) -> None:
    arrays = golden("sinkhorn_points")
    x, y = (torch.tensor(arrays[f"{name}_{case}"]) for name in "xy")
    x.requires_grad_()
    value = sinkhorn_divergence(x, y, scaling=0.5)
    (gradient,) = torch.autograd.grad(value, x)
    assert value.item() == pytest.approx(float(arrays[f"S64_{case}"]), rel=1e-4, abs=1e-6)
    expected = torch.tensor(arrays[f"gradx_{case}"])
    torch.testing.assert_close(gradient, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("case", range(5))
def test_without_debiasing_it_is_the_entropic_cost(golden, case: int) -> None:
    arrays = golden("sinkhorn_points")
    x, y = (torch.tensor(arrays[f"{name}_{case}"]) for name in "xy")
    value = sinkhorn_divergence(x, y, scaling=0.5, debias=False).item()
    assert value == pytest.approx(float(arrays[f"S_nodebias_{case}"]), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("case", range(5))
def test_annealed_slowly_it_comes_nearer_to_the_converged_value(golden, case: int) -> None:
    arrays = golden("sinkhorn_points")
    x, y = (torch.tensor(arrays[f"{name}_{case}"]) for name in "xy")
    goal = float(arrays[f"S_converged_{case}"])
    slow, fast = (abs(sinkhorn_divergence(x, y, scaling=s).item() - goal) for s in (0.95, 0.5))
    assert slow <= fast + 1e-6 * goal


@pytest.mark.parametrize(("p", "expected"), [(2, 12.5), (1, 5.0)])
def test_two_points_cost_their_distance_to_the_p_over_p(p: int, expected: float) -> None:
    x, y = torch.zeros(1, 2), torch.tensor([[3.0, 4.0]])
    # geomloss takes no distance below 1e-4 at p = 1
    assert sinkhorn_divergence(x, y, p=p).item() == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("points", [1, 3])
def test_points_that_coincide_cost_nothing(points: int) -> None:
    x = torch.full((points, 4), 0.3, requires_grad=True)
    value = sinkhorn_divergence(x, x.detach().clone())
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-12)
    assert x.grad is not None
    assert x.grad.abs().max() < 1e-6


def test_the_order_of_points_does_not_matter() -> None:
    x, y = clouds((5, 3), (5, 3))
    assert sinkhorn_divergence(x, y).item() == pytest.approx(
        sinkhorn_divergence(x, y.flip(0)).item()
    )


def test_several_pairs_of_clouds_are_worth_what_each_is() -> None:
    x, y = clouds((2, 4, 3), (2, 6, 3))
    together = sinkhorn_divergence(x, y)
    alone = torch.stack([sinkhorn_divergence(a, b) for a, b in zip(x, y, strict=True)])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=0)


def test_clouds_of_any_dimension_are_annealed_together_each_by_its_own_diameter() -> None:
    pairs = [normal(4, 3), normal(4, 300, seed=1), tuple(20 * z for z in normal(4, 7, seed=2))]
    together = anneal(pairs).divergences()
    alone = torch.stack([sinkhorn_divergence(x, y) for x, y in pairs])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=0)


def test_autocast_does_not_touch_it() -> None:
    x, y = clouds((8, 4096), (8, 4096))
    with torch.autocast("cpu", torch.bfloat16):
        inside = sinkhorn_divergence(x, y)
    assert inside.dtype == torch.float64
    assert inside.equal(sinkhorn_divergence(x, y))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("p", "blur"), [(2, 0.05), (1, 0.001)])
def test_with_a_small_blur_it_is_the_best_assignment(seed: int, p: int, blur: float) -> None:
    x, y = normal(8, 50, seed)
    transport = anneal([(x, y)], p=p, blur=blur)
    rows, columns = linear_sum_assignment((torch.cdist(x, y) ** p).numpy())
    assignment = torch.zeros(8, 8, dtype=torch.float64)
    assignment[rows, columns] = 1 / 8
    torch.testing.assert_close(transport.plans()[0], assignment, atol=1e-3, rtol=0)
    assert transport.off_diagonal() == pytest.approx((rows != columns).mean(), abs=1e-2)


def test_with_a_large_blur_every_point_goes_everywhere() -> None:
    x, y = normal(5, 3)
    transport = anneal([(x, y)], blur=100.0)
    even = torch.full((1, 5, 5), 1 / 25).double()
    torch.testing.assert_close(transport.plans(), even, atol=1e-4, rtol=0)
    assert transport.off_diagonal() == pytest.approx(0.8, abs=1e-3)


def test_every_point_gives_an_even_share() -> None:
    given = anneal([normal(6, 2)], blur=0.5).plans()[0].sum(dim=1)
    torch.testing.assert_close(given, torch.full((6,), 1 / 6).double())


@pytest.mark.parametrize("blur", [0.05, 0.5])
def test_the_gradient_of_the_divergence_follows_it(blur: float) -> None:
    x, y = normal(6, 3)
    x.requires_grad_()
    (found,) = torch.autograd.grad(sinkhorn_divergence(x, y, blur=blur, debias=False), x)
    (plan,) = anneal([(x.detach(), y)], blur=blur).plans()
    torch.testing.assert_close(found, x.detach() / 6 - plan @ y, atol=1e-9, rtol=0)


def test_nothing_moves_where_each_point_is_at_its_goal() -> None:
    x, _ = normal(4, 20)
    assert anneal([(x, x)]).off_diagonal() == pytest.approx(0, abs=1e-9)
