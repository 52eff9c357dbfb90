from __future__ import annotations

import pytest
import torch
from torch import Tensor

from repcat_plugins.networks.sinkhorn import sinkhorn_divergence


def clouds(*shapes: tuple[int, ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(*shape, generator=generator) for shape in shapes]


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
    torch.testing.assert_close(together, alone, rtol=1e-3, atol=0)  # one annealing for both


def test_autocast_does_not_touch_it() -> None:
    x, y = clouds((8, 4096), (8, 4096))
    with torch.autocast("cpu", torch.bfloat16):
        inside = sinkhorn_divergence(x, y)
    assert inside.dtype == torch.float64
    assert inside.equal(sinkhorn_divergence(x, y))
