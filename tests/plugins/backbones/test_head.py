from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.backbones.head import head

TARGET = Grid(1, (8, 8, 8))


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("bias_volume", [0, 4])
def test_it_starts_at_nothing_and_learns_everywhere(kernel, bias_volume: int) -> None:
    network = head(Grid(3, (8, 8, 8)), TARGET, kernel=kernel, bias_volume=bias_volume)
    volume = network(torch.rand(2, 3, 8, 8, 8))
    assert volume.shape == (2, 1, 8, 8, 8) and not volume.any()
    (volume - 1).square().mean().backward()
    assert all(p.grad.any() for p in network.parameters())


def test_a_bias_volume_is_what_it_gives_before_it_learns_to_read() -> None:
    network = head(Grid(3, (8, 8, 8)), TARGET, bias_volume=8)
    with torch.no_grad():
        network[-1].tenth.normal_()
    one, other = (network(torch.rand(1, 3, 8, 8, 8)) for _ in range(2))
    assert one.equal(other) and one.any()


def test_a_sigmoid_stands_last() -> None:
    network = head(Grid(3, (8, 8, 8)), TARGET, output="sigmoid")
    assert (network(torch.rand(1, 3, 8, 8, 8)) == 0.5).all()


def test_a_mapper_of_another_size_is_refused() -> None:
    with pytest.raises(PartError, match="'head' keeps the size"):
        head(Grid(3, (4, 4, 4)), TARGET)
