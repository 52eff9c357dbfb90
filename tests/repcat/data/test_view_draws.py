"""Views of a batch: how often which number, which pattern, from (seed, k) alone."""

import math
from collections import Counter
from dataclasses import replace

import pytest

from repcat.config.draw_table import DrawTable
from repcat.config.view_rule import PATTERNS, counts, off
from repcat.data.view_draws import ViewDraws, count_of, draw, nearest_free
from repcat.rng import generator
from repcat.view import View, parse_views

BANK = parse_views(["bank:24"])


def only(pattern, **options):
    """Return a rule of one pattern."""
    return DrawTable(**({name: float(name == pattern) for name in PATTERNS} | options))


def drawn(rule, count=300, bank=BANK):
    """Return the azimuths of some draws."""
    found = [draw(rule, bank, generator("drawn", k)) for k in range(count)]
    return [[bank[n].azimuth for n in one] for one in found]


@pytest.fixture
def draws_of(recipe_of):
    """Return a maker of draws from a bank by the default rule."""

    def make(seed=0, **rule):
        data = {"use": "blobs", "size": 16, "views": ["bank:24"], "views_scored": [0, 90]}
        return ViewDraws(recipe_of(data=data | {"views_drawn": rule}, train={"seed": seed}))

    return make


def test_draw_k_is_a_function_of_the_seed_and_of_k(draws_of):
    there, back = draws_of(), draws_of()
    late = [there(k) for k in range(40)]
    assert [back(k) for k in reversed(range(40))] == late[::-1]
    assert [draws_of(seed=1)(k) for k in range(40)] != late
    assert all(one == sorted({*one}) for one in late)


def test_numbers_are_drawn_as_the_rule_says(draws_of):
    """2,000 draws; within four standard deviations, sqrt(n p (1 - p)), of each share."""
    draws = draws_of()
    found = Counter(len(draws(k)) for k in range(2000))
    share = {n: 0.5 * math.log((n + 1) / n) / math.log(9 / 3) for n in range(3, 9)}
    share |= {1: 0.15, 2: 0.35}
    assert sum(share.values()) == pytest.approx(1)
    assert found.keys() == share.keys()
    for n, p in share.items():
        assert abs(found[n] - 2000 * p) < 4 * math.sqrt(2000 * p * (1 - p)), n


def test_the_ends_of_the_numbers_are_one_and_most():
    rule = DrawTable(most=5)
    assert [count_of(rule, u, 0.0) for u in (0, 0.149, 0.151, 0.499, 0.501)] == [1, 1, 2, 2, 3]
    assert count_of(rule, 0.9, math.nextafter(1, 0)) == 5


def test_frontal_and_lateral_are_the_nearest_to_0_and_90_up_to_slip_degrees():
    bank = parse_views(["bank:72"])
    pairs = drawn(only("frontal_lateral", one=0.0, two=1.0), bank=bank)
    assert {a for a, _ in pairs} | {b for _, b in pairs} == {0, 5, 355, 85, 90, 95}
    ones = Counter(a for (a,) in drawn(only("frontal_lateral", one=1.0, two=0.0, slip=0.0)))
    assert ones.keys() == {0, 90} and abs(ones[0] - 150) < 4 * math.sqrt(75)
    assert all({0, 90} < {*one} for one in drawn(only("frontal_lateral", one=0, two=0, slip=0.0)))


def test_even_views_are_180_degrees_over_their_number_apart():
    for one in drawn(only("even", one=0.0, two=0.0, most=3)):
        steps = sorted((b - one[0]) % 360 for b in one)
        assert steps == [0, 60, 120]


def test_an_arc_holds_its_views_and_clusters_are_two():
    """A bank of 5 degrees: half a step more on each side, where the nearest view lies."""
    bank = parse_views(["bank:72"])
    for one in drawn(only("limited_arc", one=0.0, two=0.0, most=4, arc=(60.0, 60.0)), bank=bank):
        assert max(off(View(a), b) for a in one for b in one) <= 60 + 10
    for one in drawn(only("clusters", one=0.0, two=0.0, most=8), bank=bank):
        near = [[b for b in one if off(View(b), a) <= 20 + 10] for a in one]
        assert any(
            all(off(View(c), a) <= 30 or off(View(c), b) <= 30 for c in one)
            for a in one
            for b in one
        ), near


def test_random_views_are_all_of_the_bank_alike():
    seen = Counter(a for one in drawn(only("random", one=1.0, two=0.0), 1200) for a in one)
    assert len(seen) == 24 and all(abs(n - 50) < 4 * math.sqrt(50) for n in seen.values())


def test_patterns_come_by_their_weights():
    """With weights of 3 to 1, frontal and lateral stand in more than three quarters."""
    rule = replace(only("frontal_lateral", one=0.0, two=1.0), frontal_lateral=3, even=1)
    both = sum({*one} == {0.0, 90.0} for one in drawn(rule, 400))
    even = 100 / 12  # steps of 90 degrees begin at 24 places; from 0 and from 180 + 90 ..: 2 of 24
    assert abs(both - 300 - even) < 4 * math.sqrt(75 + even)


def test_two_places_by_one_view_take_it_and_the_next():
    assert nearest_free(BANK, [0.0, 1.0, 2.0]) == [0, 1, 23]


def test_a_rule_may_take_a_whole_bank():
    rule = only("limited_arc", one=0.0, two=0.0, most=24)
    found = [draw(rule, BANK, generator(k)) for k in range(50)]
    assert max(map(len, found)) == 24 and all(len({*one}) == len(one) for one in found)


def test_two_numbers_draw_as_they_always_did(recipe_of):
    """The sets of draws 0 to 3 of seed 0 are those of repcat 0.1."""
    data = {"use": "blobs", "size": 16, "views": [0, 90, 180, 270, 45], "views_drawn": [1, 5]}
    draws = ViewDraws(recipe_of(data=data))
    assert [draws(k) for k in range(4)] == [[4], [0, 3, 4], [0, 2], [0, 2, 3]]


def test_counts_are_the_fewest_and_the_most(recipe_of):
    def counted(drawn):
        data = {"use": "blobs", "size": 16, "views": ["bank:24"], "views_scored": [0]}
        return counts(recipe_of(data=data | {"views_drawn": drawn}).data)

    assert [counted(d) for d in ([2, 7], {}, {"one": 0.0}, {"one": 0, "two": 0, "most": 5})] == [
        (2, 7), (1, 8), (2, 8), (3, 5),
    ]  # fmt: skip
    assert counted({"one": 0.5, "two": 0.5}) == (1, 2)
