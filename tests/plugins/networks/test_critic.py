from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.networks.critic import Critic


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
