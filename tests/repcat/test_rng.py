"""Chance is a function of seed and name."""

import torch

from repcat import seeded
from repcat.rng import generator, seed_of


def drawn(*names: object) -> torch.Tensor:
    with seeded(*names):
        return torch.rand(4)


def test_seeded_depends_on_the_names_and_leaves_the_outer_generator_alone() -> None:
    torch.manual_seed(0)
    first = drawn(7, "potential")
    outer = torch.rand(4)
    torch.manual_seed(0)
    assert torch.rand(4).equal(outer)
    assert drawn(7, "potential").equal(first)
    assert not drawn(8, "potential").equal(first)
    assert not drawn(7, "features").equal(first)


def test_names_are_kept_apart() -> None:
    assert seed_of("a", "bc") != seed_of("ab", "c")
    assert not torch.rand(2, generator=generator(1, 2)).equal(
        torch.rand(2, generator=generator(12))
    )
