from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from repcat import Batch, Grid, PartError, Prediction, Task, View, preset
from repcat_plugins.objectives.sinkhorn_ot import SinkhornOT

SIZE = 24


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


@pytest.mark.parametrize("statistics", ["frozen", "batch", "instance"])
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


@pytest.mark.parametrize("statistics", ["frozen", "batch", "instance"])
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


def test_paired_it_can_and_each_patient_counts_as_if_alone() -> None:
    rule, fake, truth = objective(paired=True), volumes(3, 0), volumes(3, 1)
    alone = [rule.cost(fake[i : i + 1], truth[i : i + 1]).item() for i in range(3)]
    assert rule.cost(fake, truth).item() == pytest.approx(sum(alone) / 3, rel=1e-6)
    assert rule.cost(truth, truth[[1, 0, 2]]).item() > 1


def test_in_data_space_one_patient_costs_half_the_squared_distance_of_its_voxels() -> None:
    rule, fake, truth = objective(extractor=False), volumes(1, 0), volumes(1, 1)
    assert not [name for name in rule.state_dict() if name.startswith("features")]
    expected = (fake.double() - truth.double()).square().sum().item() / 2
    assert rule.cost(fake, truth).item() == pytest.approx(expected)


@pytest.mark.parametrize("extractor", [True, False])
def test_l2_is_a_mean_over_patients_and_voxels(extractor: bool) -> None:
    rule, fake, truth = objective(distance="l2", extractor=extractor), volumes(3, 0), volumes(3, 1)
    alone = [rule.cost(fake[i : i + 1], truth[i : i + 1]).item() for i in range(3)]
    assert rule.cost(fake, truth).item() == pytest.approx(sum(alone) / 3, rel=1e-6)
    if not extractor:
        assert rule.cost(fake, truth).item() == pytest.approx((fake - truth).square().mean().item())


def test_without_a_potential_the_model_alone_takes_turns() -> None:
    rule, model = objective(potential=False, inner_steps=3), Brighter()
    turns = list(rule.turns(model, batches(1)))
    assert rule.players == ()
    assert [turn.player for turn in turns] == ["model"] * 3
    assert turns[0].loss.item() == pytest.approx(turns[0].numbers()["cost"])
    assert not [name for name in rule.state_dict() if name.startswith("potential")]


def test_without_a_potential_and_without_a_cost_there_is_nothing_to_train() -> None:
    with pytest.raises(PartError, match="code: nothing-to-lower"):
        objective(potential=False, cost_weight=0.0)


@pytest.mark.parametrize(
    ("options", "coupled"),
    [
        ({}, True),
        ({"paired": True}, False),
        ({"distance": "l2"}, False),
        ({"distance": "l2", "statistics": "batch"}, True),
        ({"distance": "l2", "statistics": "batch", "extractor": False}, False),
        ({"paired": True, "statistics": "instance"}, False),
    ],
)
def test_it_knows_whether_patients_of_a_batch_depend_on_each_other(
    options: dict, coupled: bool
) -> None:
    assert objective(**options).couples_batch == coupled


@pytest.mark.parametrize(
    ("order", "options", "share"),
    [
        ([0, 1, 2, 3], {}, 0.0),
        ([1, 0, 2, 3], {}, 0.5),
        ([1, 2, 3, 0], {"extractor": False}, 1.0),
        ([1, 2, 3, 0], {"paired": True}, 0.0),
    ],
)
def test_it_logs_the_share_of_predictions_that_go_to_another_patients_truth(
    order: list[int], options: dict, share: float
) -> None:
    rule, truth = objective(**options), volumes(4, 1)
    batch = Batch(tuple("abcd"), torch.rand(4, 1, SIZE, SIZE), (View(0.0),), truth)
    near = 0.9 * truth[order] + 0.1 * volumes(4, 2)
    turn = next(rule.turns(lambda _: Prediction(near), iter([batch])))
    assert turn.numbers()["off_diagonal"] == pytest.approx(share, abs=1e-6)


def test_where_nothing_is_transported_no_share_is_logged() -> None:
    turn = next(objective(distance="l2").turns(Brighter(), batches(2)))
    assert "off_diagonal" not in turn.logs


def test_it_logs_what_either_term_does_to_the_predictions() -> None:
    rule = objective(cost_weight=0.5, potential_weight=0.3)
    fake, truth = volumes(2, 0).requires_grad_(), volumes(2, 1)
    batch = Batch(("a", "b"), torch.rand(2, 1, SIZE, SIZE), (View(0.0),), truth)
    turn = next(rule.turns(lambda _: Prediction(fake), iter([batch])))
    turn.loss.backward()
    cost, score = 0.5 * rule.cost(fake, truth), 0.3 * rule.potential(fake).mean()
    for name, term in (("cost_pull", cost), ("score_pull", score)):
        (gradient,) = torch.autograd.grad(term, fake, retain_graph=True)
        assert turn.numbers()[name] == pytest.approx(gradient.norm().item(), rel=1e-5)


@pytest.mark.parametrize(
    ("option", "logged"), [("gradient_penalty", "slope"), ("lipschitz_penalty", "off_slope")]
)
def test_a_penalty_is_added_to_the_potentials_loss_with_its_weight(
    option: str, logged: str
) -> None:
    model = Brighter()
    torch.manual_seed(0)
    *_, turn = objective(**{option: 7.0}).turns(model, batches())
    numbers = turn.numbers()
    expected = numbers["gap"] + 7 * numbers[logged]
    assert numbers["potential"] == pytest.approx(expected, rel=1e-5)
    turn.loss.backward()


def test_weights_of_a_clipped_potential_are_small_after_its_turn() -> None:
    rule = objective(weight_clip=0.01)
    turns = rule.turns(Brighter(), batches())
    while next(turns, None):
        assert largest(rule.potential) > 0.01
    assert largest(rule.potential) == pytest.approx(0.01)


def largest(network: nn.Module) -> float:
    return max(p.detach().abs().max().item() for p in network.parameters())
