from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from repcat import Batch, Grid, Prediction, Task, View, preset
from repcat_plugins.networks.features import FeatureExtractor
from repcat_plugins.networks.sinkhorn import sinkhorn_divergence
from repcat_plugins.objectives.sinkhorn_ot import SinkhornOT, feature_cost

SIZE = 24
RELEASED = partial(sinkhorn_divergence, scaling=0.5)


def task_of(seed: int = 0) -> Task:
    geometry = preset("parallel", size=SIZE, cube_mm=320.0)
    return Task(
        (View(0.0),), Grid(1, geometry.pixels), Grid(1, geometry.voxels), geometry, seed=seed
    )


def objective(seed: int = 0, **options) -> SinkhornOT:
    small = {"features": 2, "critic_width": 2, "critic_widest": 4, "inner_steps": 2}
    return SinkhornOT(task_of(seed), **(small | options))


def volumes(count: int, seed: int) -> Tensor:
    return torch.rand(count, 1, SIZE, SIZE, SIZE, generator=torch.Generator().manual_seed(seed))


def batches(size: int = 3) -> Iterator[Batch]:
    for seed in range(100):
        truth = volumes(size, seed)
        ids = tuple(f"{seed}-{i}" for i in range(size))
        yield Batch(ids, truth.mean(dim=3)[:, :1, 0], (View(0.0),), truth)


class Brighter(nn.Module):
    """A model of two weights that sees the truth."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.7, 0.2]))
        self.seen: list[str] = []

    def forward(self, batch: Batch) -> Prediction:
        self.seen += batch.ids
        return Prediction(batch.volume.square() * self.weight[0] + self.weight[1])


def test_k_turns_of_the_model_come_before_one_of_the_potential_each_on_a_new_batch() -> None:
    model = Brighter()
    turns = list(objective(inner_steps=3).turns(model, batches(1)))
    assert [turn.player for turn in turns] == ["model"] * 3 + ["potential"]
    assert model.seen == ["0-0", "1-0", "2-0", "3-0"]


@pytest.mark.parametrize("statistics", ["frozen", "batch"])
def test_each_turn_reaches_the_player_it_names_and_no_other(statistics: str) -> None:
    rule, model = objective(statistics=statistics).train(), Brighter()
    players = {"model": model, "potential": rule.potential}
    for turn in rule.turns(model, batches()):
        for module in (rule, model):
            module.zero_grad()
        turn.loss.backward()
        moved = {n for n, m in players.items() if any(p.grad is not None for p in m.parameters())}
        assert moved == {turn.player}
        assert all(p.grad.isfinite().all() for p in players[turn.player].parameters())
        assert all(p.grad is None for p in rule.features.parameters())


def test_the_losses_are_equations_3_and_4() -> None:
    rule, model = objective(cost_weight=0.5, potential_weight=0.3, critic_weight=100.0), Brighter()
    *_, generator, critic = rule.turns(model, batches())
    fake, truth = (model(b).volume if f else b.volume for b in [nth(1)] for f in (1, 0))
    expected = 0.5 * rule.cost(fake, truth) - 0.3 * rule.potential(fake).mean()
    assert generator.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    fake, truth = (model(b).volume if f else b.volume for b in [nth(2)] for f in (1, 0))
    gap = rule.potential(fake).mean() - rule.potential(truth).mean()
    assert critic.loss.item() == pytest.approx(100 * gap.item(), rel=1e-4)


def nth(index: int) -> Batch:
    return [batch for batch, _ in zip(batches(), range(index + 1), strict=False)][index]


def test_it_cannot_tell_which_truth_belongs_to_which_patient() -> None:
    rule, fake, truth = objective(), volumes(4, 0), volumes(4, 1)
    swapped = truth[[1, 0, 2, 3]]
    assert rule.cost(fake, swapped).item() == pytest.approx(rule.cost(fake, truth).item(), rel=1e-9)
    assert rule.cost(truth, swapped).item() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("statistics", ["frozen", "batch"])
@pytest.mark.parametrize("normalise", [True, False])
def test_for_one_patient_it_is_half_the_squared_distance_of_the_features(
    statistics: str, normalise: bool
) -> None:
    rule = objective(statistics=statistics, normalise=normalise)
    fake, truth = volumes(1, 0), volumes(1, 1)
    expected = 0.0
    for pair in zip(rule.features(fake), rule.features(truth), strict=True):
        a, b = (m / m.norm(dim=1, keepdim=True) if normalise else m for m in pair)
        expected += (a - b).square().sum().item() / 2
    assert rule.cost(fake, truth).item() == pytest.approx(expected, rel=1e-5)


def test_autocast_does_not_touch_the_cost() -> None:
    rule, fake, truth = objective(), volumes(2, 0), volumes(2, 1)
    with torch.autocast("cpu", torch.bfloat16):
        inside = rule.cost(fake, truth)
    assert inside.dtype == torch.float64
    assert inside.equal(rule.cost(fake, truth))


def test_its_networks_are_a_function_of_the_seed() -> None:
    torch.manual_seed(1)
    first = objective(seed=5).state_dict()
    torch.manual_seed(2)
    again, other = objective(seed=5).state_dict(), objective(seed=6).state_dict()
    assert all(first[k].equal(again[k]) for k in first)
    assert not first["features.main.0.weight"].equal(other["features.main.0.weight"])
    assert not first["potential.fc.weight"].equal(other["potential.fc.weight"])


@pytest.mark.golden
@pytest.mark.parametrize(
    ("patients", "key"), [(4, "per_layer"), (1, "per_layer_first1"), (2, "per_layer_first2")]
)
def test_the_cost_of_each_map_is_the_released_one(golden, patients: int, key: str) -> None:
    arrays = golden("sinkhorn_acts")
    for i, expected in enumerate(arrays[f"sinkhorn_{key}"]):
        pair = tuple(torch.tensor(arrays[f"act_{s}_{i}"])[:patients] for s in ("pred", "gt"))
        assert feature_cost([pair], RELEASED).item() == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.golden
def test_its_gradient_is_the_released_one(golden) -> None:
    arrays = golden("sinkhorn_acts")
    fakes = [torch.tensor(arrays[f"act_pred_{i}"]).requires_grad_() for i in range(3)]
    truths = [torch.tensor(arrays[f"act_gt_{i}"]) for i in range(3)]
    total = feature_cost(zip(fakes, truths, strict=True), RELEASED)
    assert total.item() == pytest.approx(float(arrays["sinkhorn_total"]), rel=1e-4)
    for i, found in enumerate(torch.autograd.grad(total, fakes)):
        expected = torch.tensor(arrays[f"grad_pred_{i}"])
        assert (found - expected).norm() < 1e-3 * expected.norm()


@pytest.mark.golden
def test_the_cost_of_volumes_through_the_extractor_is_the_released_one(golden) -> None:
    arrays = golden("feature_extractor")
    features = FeatureExtractor(Grid(1, (SIZE,) * 3), width=2, statistics="batch")
    features.load_state_dict({k[2:]: torch.tensor(v) for k, v in arrays.items() if k[:2] == "w_"})
    pairs = zip(*(features(torch.tensor(arrays[name])) for name in "xy"), strict=True)
    expected = float(arrays["sinkhorn_cost"])
    assert feature_cost(pairs, RELEASED).item() == pytest.approx(expected, rel=1e-3)
