from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from repcat import Grid, PartError
from repcat_plugins.networks.adversary import slope_penalty
from repcat_plugins.networks.critic import Critic
from repcat_plugins.networks.frozen import held


def test_at_the_papers_size_it_has_as_many_weights_as_the_released_one() -> None:
    with torch.device("meta"):
        critic = Critic(Grid(1, (64, 64, 64)))
    assert sum(p.numel() for p in critic.parameters()) == 41_325_793


def test_it_scores_as_the_released_one_does(golden) -> None:
    arrays = golden("critic_small")
    critic = Critic(Grid(1, (8, 8, 8)), width=4, widest=8)
    critic.load_state_dict({k[2:]: torch.tensor(v) for k, v in arrays.items() if k[:2] == "w_"})
    score = critic(torch.tensor(arrays["x"]))
    torch.testing.assert_close(score, torch.tensor(arrays["out"]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("size", [(8, 8, 8), (32, 32, 32), (24, 40, 31)])
@pytest.mark.parametrize("attention", [True, False])
def test_it_fits_any_volume_from_8_voxels_up(size: tuple[int, ...], attention: bool) -> None:
    critic = Critic(Grid(1, size), width=2, widest=8, attention=attention)
    assert critic(torch.rand(3, 1, *size)).shape == (3, 1)


def test_a_smaller_volume_is_refused() -> None:
    with pytest.raises(PartError, match="needs 8 voxels a side"):
        Critic(Grid(1, (8, 7, 8)))


@pytest.mark.parametrize("trained", [True, False])
def test_recomputing_changes_no_bit_and_keeps_less(trained: bool) -> None:
    plain = Critic(Grid(1, (16, 16, 16)), width=4, widest=16)
    sparing = deepcopy(plain)
    sparing.checkpointing = True
    volume, kept, slopes = torch.rand(2, 1, 16, 16, 16), [], []
    for critic in (plain, sparing):
        x, held_sizes = volume.clone().requires_grad_(), []

        def pack(saved: torch.Tensor, sizes: list[int] = held_sizes) -> torch.Tensor:
            sizes.append(saved.numel())
            return saved

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
            if trained:
                score = critic(x).sum()
            else:
                with held(critic):
                    score = critic(x).sum()
        score.backward()
        kept.append(sum(held_sizes))
        slopes.append([x.grad] + [p.grad for p in critic.parameters()])
    assert kept[1] < kept[0] / 2
    assert trained == (slopes[1][1] is not None)
    torch.testing.assert_close(slopes[1], slopes[0], atol=0, rtol=0)


def test_recomputing_changes_no_bit_of_a_slopes_own_gradient() -> None:
    plain = Critic(Grid(1, (8, 8, 8)), width=2, widest=4)
    sparing = deepcopy(plain)
    sparing.checkpointing = True
    truth = torch.rand(2, 1, 8, 8, 8)
    for critic in (plain, sparing):
        slope_penalty(critic, truth).backward()
    pairs = zip(plain.named_parameters(), sparing.named_parameters(), strict=True)
    slopes = {name: (p.grad, q.grad) for (name, p), (_, q) in pairs}
    assert slopes["conv_img.weight"][0].abs().max() > 0
    for one, other in slopes.values():
        assert (one is None and other is None) or torch.equal(one, other)


def test_a_bound_holds_every_score_and_leaves_small_ones() -> None:
    plain = Critic(Grid(1, (8, 8, 8)), width=4, widest=8)
    bounded = deepcopy(plain)
    bounded.score_bound = 0.5
    near, far = torch.rand(4, 1, 8, 8, 8), 1e6 * torch.rand(4, 1, 8, 8, 8)
    assert plain(far).abs().max() > 100
    assert bounded(far).abs().max() <= 0.5
    torch.testing.assert_close(bounded(near), 0.5 * torch.tanh(plain(near) / 0.5))


def test_spectral_norms_leave_every_layer_a_largest_singular_value_of_1() -> None:
    critic = Critic(Grid(1, (8, 8, 8)), width=4, widest=8, spectral_norm=True)
    for _ in range(200):  # each pass brings the estimate nearer
        critic(torch.rand(1, 1, 8, 8, 8))
    layers = [m for m in critic.modules() if isinstance(m, nn.Conv3d | nn.Linear)]
    largest = [torch.linalg.matrix_norm(m.weight.flatten(1), 2).item() for m in layers]
    assert len(largest) > 8
    assert largest == pytest.approx([1.0] * len(largest), rel=0.02)


def test_recomputing_and_spectral_norms_are_refused_together() -> None:
    with pytest.raises(PartError, match="code: wrong-options"):
        Critic(Grid(1, (8, 8, 8)), checkpointing=True, spectral_norm=True)
