"""View draws: which of a recipe's views batch k sees, a function of (seed, k)."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Generator

from repcat.config.draw_table import DrawTable
from repcat.config.recipe import Recipe
from repcat.config.view_rule import PATTERNS, off, pair_of, rule_of
from repcat.rng import generator
from repcat.view import View


class ViewDraws:
    """Draw views as `data.views_drawn` says: two numbers, or a `DrawTable`."""

    def __init__(self, recipe: Recipe) -> None:
        self.bank, self.seed = recipe.bank, recipe.train.seed
        self.rule, self.pair = rule_of(recipe.data), pair_of(recipe.data)

    def __call__(self, k: int) -> list[int]:
        """Return the numbers of draw k's views, rising."""
        if not self.rule and not any(self.pair):
            return [*range(len(self.bank))]
        chance = generator(self.seed, "views", k)
        if self.rule:
            return sorted(draw(self.rule, self.bank, chance))
        some = int(torch.randint(self.pair[0], self.pair[1] + 1, (), generator=chance))
        return sorted(torch.randperm(len(self.bank), generator=chance)[:some].tolist())


def draw(rule: DrawTable, bank: Sequence[View], chance: Generator) -> list[int]:
    """Draw a number of views, a pattern by its weight, and the views: their numbers."""

    def uniform(low: float = 0.0, high: float = 1.0) -> float:
        return low + (high - low) * float(torch.rand((), generator=chance, dtype=torch.float64))

    count, start = count_of(rule, uniform(), uniform()), uniform(0, 360)
    weights = [getattr(rule, name) for name in PATTERNS]
    pattern = PATTERNS[bisect([*accumulate(weights)][:-1], uniform(0, sum(weights)))]
    free = torch.randperm(len(bank), generator=chance).tolist()
    if pattern == "random":
        return free[:count]
    if pattern == "frontal_lateral":
        places = [azimuth + uniform(-rule.slip, rule.slip) for azimuth in (0, 90)]
        found = nearest_free(bank, places[:: -1 if uniform() < 0.5 else 1][:count])
        return (found + [n for n in free if n not in found])[:count]
    if pattern == "even":
        return nearest_free(bank, [start + 180 * n / count for n in range(count)])
    if pattern == "limited_arc":
        width = uniform(*rule.arc)
        return nearest_free(bank, [start + uniform(0, width) for _ in range(count)])
    middles = (start, uniform(0, 360))
    about = [middles[n % 2] + uniform(-rule.spread, rule.spread) for n in range(count)]
    return nearest_free(bank, about)


def count_of(rule: DrawTable, which: float, much: float) -> int:
    """Return how many views two numbers of [0, 1) stand for: one, two, or 3 to `most`.

    Those from 3 on are even in the logarithm: n has the weight log((n + 1) / n).
    """
    if which < rule.one:
        return 1
    if which < rule.one + rule.two:
        return 2
    return min(rule.most, math.floor(3 * math.pow((rule.most + 1) / 3, much)))


def nearest_free(bank: Sequence[View], places: Sequence[float]) -> list[int]:
    """Give each azimuth the nearest view that none before it has taken."""
    free, found = [*range(len(bank))], list[int]()
    for azimuth in places:
        nearest = min(free, key=lambda n: off(bank[n], azimuth))
        found.append(nearest)
        free.remove(nearest)
    return found
