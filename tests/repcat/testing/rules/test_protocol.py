"""Each rule of protocols catches the one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from repcat import Column, Protocol, Scorer, Window, metrics
from repcat.testing import check_protocol, verdicts

Change = Callable[[dict[str, float]], dict[str, float]]


def sound() -> Protocol:
    """Score a window of 2000 HU with a peak twice as large."""

    def rule(truth: Tensor, window: Window) -> Scorer:
        def score(prediction: Tensor) -> dict[str, float]:
            error = metrics.mse(window.to_unit(truth), window.to_unit(prediction))
            return {"psnr": metrics.psnr_of(error, 2.0, 100.0), "mse": error}

        return score

    columns = tuple(map(metrics.column, ("psnr", "mse")))
    said = dict.fromkeys(("why", "psnr", "ssim", "rounding", "clipping"), "none")
    return Protocol(**said, span=1.0, peak=2.0, columns=columns, rule=rule)


def scored(change: Change) -> Protocol:
    """Return a protocol whose figures are changed."""
    by = sound()

    def rule(truth: Tensor, window: Window) -> Scorer:
        score = by.rule(truth, window)
        return lambda prediction: change(score(prediction))

    return replace(by, rule=rule)


def stained() -> Protocol:
    by = sound()

    def rule(truth: Tensor, window: Window) -> Scorer:
        score = by.rule(truth, window)
        return lambda prediction: score(prediction.clamp_(-1000, 1000))

    return replace(by, rule=rule)


def columns(*changed: Column) -> Protocol:
    return replace(sound(), columns=changed)


PSNR, MSE = sound().columns
BROKEN: dict[str, tuple[Callable[[], Protocol], str]] = {
    "nothing said": (lambda: replace(sound(), ssim=" "), "says what it computes: .* ssim"),
    "no range": (lambda: replace(sound(), span=0.0), "says what it computes: its span is 0"),
    "a figure without a column": (lambda: columns(PSNR), "gives a number .*: mse"),
    "a column without a figure": (
        lambda: columns(PSNR, MSE, Column("mae", "MAE", "down")),
        "gives a number .*: mae",
    ),
    "a column twice": (lambda: columns(PSNR, MSE, MSE), "stands twice"),
    "shows what it has not": (
        lambda: replace(sound(), shown=("psnr", "lpips")),
        "it shows lpips, which it does not give",
    ),
    "a tensor": (lambda: scored(lambda f: f | {"mse": torch.tensor(f["mse"])}), "mse is no float"),  # type: ignore[dict-item]
    "no heading": (lambda: columns(replace(PSNR, heading=""), MSE), "'psnr' has no heading"),
    "no direction": (lambda: columns(replace(PSNR, better="?"), MSE), "ranks and says not"),
    "the wrong direction": (
        lambda: columns(PSNR, replace(MSE, better="up")),
        "is best at the truth .*: mse is better up",
    ),
    "saturated": (
        lambda: scored(lambda f: f | {"mse": min(f["mse"], 1e-3)}),
        "is best at the truth .*: mse",
    ),
    "infinite": (
        lambda: scored(lambda f: f | {"mse": f["mse"] if f["mse"] < 0.1 else float("inf")}),
        "is finite for every prediction: a prediction of one value scores mse inf",
    ),
    "a peak that it does not use": (
        lambda: replace(sound(), peak=4.0),
        r"adds what its peak says: its psnr is \+6.02 dB .* tell \+12.04",
    ),
    "chance": (
        lambda: scored(lambda f: {k: v * float(1 + 1e-3 * torch.rand(())) for k, v in f.items()}),
        "is the same twice",
    ),
    "in place": (stained, "changes a volume in place"),
    "no protocol": (lambda: "psnr", "returns a protocol: it returns str"),  # type: ignore[dict-item,return-value]
}


def test_a_sound_protocol_passes() -> None:
    check_protocol(sound)


def test_a_protocol_without_a_mean_squared_error_says_so_and_passes() -> None:
    def psnr_alone() -> Protocol:
        """Score PSNR alone."""
        return replace(scored(lambda f: {"psnr": f["psnr"]}), columns=(PSNR,))

    check_protocol(psnr_alone)
    told = {v.rule: v.state for v in verdicts("protocols", psnr_alone)}
    assert told["adds what its peak says"] == "does not apply"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_protocol_is_caught(name: str) -> None:
    make, told = BROKEN[name]

    def broken() -> Protocol:
        """Break one rule."""
        return make()

    with pytest.raises(AssertionError, match=f"FAILS: .*{told}"):
        check_protocol(broken)
