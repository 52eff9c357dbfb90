"""Rule of views: how many of a recipe's views a batch sees, and whether they can be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repcat.config.draw_table import DrawTable
from repcat.config.schema import DataTable
from repcat.view import View, parse_views

MOST_AT_ONCE = 8  # views that are read together where nothing is drawn
PATTERNS = ("frontal_lateral", "even", "random", "limited_arc", "clusters")
# Degrees from 0 and from 90 within which a film is a frontal or a lateral one.
ASTRAY = 10.0


def rule_of(data: DataTable) -> DrawTable | None:
    """Return the table by which views are drawn; None where two numbers say it, or nothing."""
    drawn = data.views_drawn
    return DrawTable(**drawn) if isinstance(drawn, dict) else None


def pair_of(data: DataTable) -> tuple[int, int]:
    """Return the two numbers by which views are drawn; (0, 0) where a table says it, or nothing."""
    return (0, 0) if isinstance(data.views_drawn, dict) else data.views_drawn


def draws(data: DataTable) -> bool:
    """Whether batches see some of the views."""
    return isinstance(data.views_drawn, dict) or any(data.views_drawn)


def counts(data: DataTable) -> tuple[int, int]:
    """Return the fewest and the most views of a training batch."""
    rule = rule_of(data)
    if rule is None:
        every = len(parse_views(data.views))
        return pair_of(data) if draws(data) else (every, every)
    shares = {1: rule.one, 2: rule.two, rule.most: 1 - rule.one - rule.two}
    seen = [count for count, share in shares.items() if share > 0]
    return min(seen + [3] * (rule.one + rule.two < 1)), max(seen)


def off(view: View, azimuth: float) -> float:
    """Return how many degrees a view is from an azimuth, 0 to 180."""
    turn = abs(view.azimuth - azimuth) % 360
    return min(turn, 360 - turn)


def problems(data: DataTable, views: Sequence[View]) -> Iterator[str]:
    """Say why the views cannot be drawn or scored as [data] says."""
    rule = rule_of(data)
    yield from _pair_problems(data, len(views)) if rule is None else _rule_problems(rule, views)
    scored = parse_views(data.views_scored)
    missing = ", ".join(str(view) for view in scored if view not in views)
    if missing:
        yield f"data.views_scored: {missing} is none of data.views; name some of those"
    if len({*scored}) < len(scored):
        yield "data.views_scored names a view twice; name each once"
    if len(views) > MOST_AT_ONCE and not draws(data):
        yield (
            f"data.views has {len(views)} views, and {MOST_AT_ONCE} at most are read at once: say "
            "with data.views_drawn how many a training batch sees, such as [1, 8], or leave some "
            "out"
        )
    if len(views) > MOST_AT_ONCE and not scored:
        yield (
            f"data.views has {len(views)} views: name with data.views_scored the "
            f"{MOST_AT_ONCE} at most that validation and predictions read, such as [0, 90]"
        )


def _pair_problems(data: DataTable, count: int) -> Iterator[str]:
    least, most = pair_of(data)
    if draws(data) and not 1 <= least <= most <= count:
        wanted = f"from 1 to {count}, as many as data.views has, fewest first"
        yield f"data.views_drawn = [{least}, {most}]: give two numbers {wanted}"


def _rule_problems(rule: DrawTable, views: Sequence[View]) -> Iterator[str]:
    where, others = "data.views_drawn", 1 - rule.one - rule.two
    if others < -1e-9:
        yield f"{where}: one = {rule.one:g} and two = {rule.two:g} are more than all batches"
    if others > 1e-9 and rule.most < 3:
        yield (
            f"{where}: one and two leave {others:.3g} of the batches to 3 views and more, and "
            f"most = {rule.most}; raise most to 3 at least, or one and two to 1 together"
        )
    needed = max(n for n, s in ((1, 1), (2, rule.two), (rule.most, others)) if s > 1e-9)
    if needed > len(views):
        yield (
            f"{where}: batches of {needed} views can never be drawn, data.views has {len(views)}; "
            f"lower {where}.most (or two), or name more views, such as ['bank:24']"
        )
    if not any(getattr(rule, pattern) for pattern in PATTERNS):
        yield f"{where}: no pattern has a weight; give one to {', '.join(PATTERNS)}"
    if rule.arc[0] > rule.arc[1]:
        yield f"{where}.arc = [{rule.arc[0]:g}, {rule.arc[1]:g}]: the first must be the narrower"
    for azimuth in (0, 90):
        if rule.frontal_lateral and all(off(view, azimuth) > ASTRAY for view in views):
            yield (
                f"{where}.frontal_lateral can never be drawn: data.views has none within "
                f"{ASTRAY:g} degrees of {azimuth}; name one, or set it to 0"
            )
