"""Each rule of projectors and metrics catches the part that breaks it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from repcat import Geometry, Metric, Projector, View
from repcat.registry.plugins import load_parts
from repcat.testing import check_metric, check_projector, verdicts

Change = Callable[[Projector, Tensor, Geometry, tuple[View, ...]], Tensor]


def changed(change: Change) -> Callable[[], Projector]:
    """Return the shipped projector, broken in one thing."""

    def factory() -> Projector:
        """March along rays."""
        project = load_parts().projectors.get("nanodrr").factory()
        return lambda mu, geometry, views: change(project, mu, geometry, views)

    return factory


def parallel(views: tuple[View, ...]) -> tuple[View, ...]:
    return tuple(replace(v, mirrored=not v.mirrored) for v in views)


PROJECTORS: dict[str, tuple[Change, str, str]] = {
    "centimetres": (lambda p, m, g, v: p(m, g, v) / 10, "adds up .* cone", "1/mm"),
    "magnified": (
        lambda p, m, g, v: p(m, replace(g, beam="parallel"), v),
        "shows a ball",
        "pixel_index",
    ),
    "turned over": (lambda p, m, g, v: p(m, g, v).flip(1), "shows a ball", "pixel_index"),
    "mirrored": (lambda p, m, g, v: p(m, g, parallel(v)), "shows a ball", "pixel_index"),
    "level": (
        lambda p, m, g, v: p(m, g, tuple(replace(one, tilt=0.0) for one in v)),
        "follows a tilt",
        "pixel_index",
    ),
    "centred": (
        lambda p, m, g, v: p(m, replace(g, detector_shift_mm=(0.0, 0.0)), v),
        "follows an off centre detector",
        "pixel_index",
    ),
    "film": (lambda p, m, g, v: 1 - torch.exp(-p(m, g, v)), "is linear", "no exponential"),
    "offset": (lambda p, m, g, v: p(m, g, v) + 1e-3, "shows air as nothing", "no offset"),
    "noise": (lambda p, m, g, v: p(m, g, v) * torch.rand(()), "is the same twice", "no chance"),
    "columns first": (lambda p, m, g, v: p(m, g, v).mT, "gives an image a view", "was asked"),
    "constant gradient": (
        lambda p, m, g, v: p(m.detach(), g, v) + 0.1 * (m - m.detach()).sum(),
        "passes gradients",
        "in truth",
    ),
    "double": (lambda p, m, g, v: p(m, g, v).double(), "gives an image a view", "float32"),
}


@pytest.mark.parametrize("name", PROJECTORS)
def test_a_broken_projector_is_caught(name: str) -> None:
    change, rule, why = PROJECTORS[name]
    with pytest.raises(AssertionError, match=f"FAILS: {rule}.*{why}"):
        check_projector(changed(change))


def test_a_projector_that_remembers_a_volume_is_caught() -> None:
    def factory() -> Projector:
        """March through the first volume again and again."""
        project, seen = load_parts().projectors.get("nanodrr").factory(), []

        def remembering(mu: Tensor, geometry: Geometry, views: tuple[View, ...]) -> Tensor:
            seen.append(mu.detach().clone())
            return project(seen[0], geometry, views)

        return remembering

    with pytest.raises(AssertionError, match=r"FAILS: projects a batch .*who came before"):
        check_projector(factory)


def test_a_projector_without_gradients_is_told_so_and_passes() -> None:
    factory = changed(lambda p, m, g, v: p(m, g, v).detach())
    check_projector(factory)
    told = {v.rule: v.state for v in verdicts("projectors", factory)}
    assert told["passes gradients to the volume"] == "does not apply"


Score = Callable[[Tensor, Tensor], float]


def scored(score: Score) -> Callable[[], Metric]:
    def factory() -> Metric:
        """Score a volume."""
        return lambda truth, prediction, geometry: score(truth, prediction)

    return factory


def rms(truth: Tensor, prediction: Tensor) -> float:
    return float((truth - prediction).square().mean().sqrt())


METRICS: dict[str, tuple[Score, str]] = {
    "a tensor": (lambda t, p: (t - p).abs().mean(), "gives one plain number"),  # type: ignore[arg-type,return-value]
    "a signed error": (lambda t, p: float((t - p).mean()), "is best where"),
    "a correlation": (
        lambda t, p: float(torch.corrcoef(torch.stack((t.flatten(), p.flatten())))[0, 1]),
        "is finite for every prediction",
    ),
    "chance": (lambda t, p: rms(t, p) * float(1 + torch.rand(())), "is the same twice"),
    "saturated": (lambda t, p: min(rms(t, p), 50.0), "gets worse with more noise"),
    "nothing": (lambda t, p: math.nan, "is best where"),
}


def test_an_error_and_a_likeness_are_metrics() -> None:
    check_metric(scored(rms))
    check_metric(scored(lambda t, p: 1 / (1 + rms(t, p))))


def test_a_metric_that_says_the_wrong_way_is_better_is_caught() -> None:
    factory = scored(rms)
    factory.better = "up"  # type: ignore[attr-defined]
    with pytest.raises(AssertionError, match=r"FAILS: is best where.*'up', .* says 'down'"):
        check_metric(factory)


@pytest.mark.parametrize("name", METRICS)
def test_a_broken_metric_is_caught(name: str) -> None:
    score, rule = METRICS[name]
    with pytest.raises(AssertionError, match=f"FAILS: {rule}"):
        check_metric(scored(score))
