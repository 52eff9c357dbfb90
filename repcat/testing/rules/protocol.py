"""What a protocol must do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

from repcat.scoring.metric_info import COLUMNS
from repcat.scoring.protocols import Protocol
from repcat.testing.docs import Subject
from repcat.testing.result import Verdict, applies, check, judge, rules_in
from repcat.testing.rules.metric import (
    box,
    is_the_same_twice_and_leaves_volumes_alone,
    noisy,
    poor_predictions,
)

NOISES_HU = (20.0, 100.0, 400.0)
TEXTS = ("why", "window", "psnr", "ssim", "rounding", "clipping")
# What truncation to integers may move a PSNR by, at an error of 100 HU.
ROUNDING_DB = 0.2


@dataclass(frozen=True)
class Trial:
    """A protocol on trial, and a box of tissue with bone in air, HU, to score predictions of."""

    protocol: Protocol
    truth: Tensor

    def of(self, prediction: Tensor) -> Mapping[str, float]:
        """Score a prediction of the box in the default window."""
        return self.protocol.against(self.truth)(prediction)


def says_what_it_computes(trial: Trial) -> None:
    """Window, PSNR, SSIM, rounding and clipping in words, range and peak in numbers."""
    empty = [name for name in TEXTS if not getattr(trial.protocol, name).strip()]
    check(not empty, f"it says nothing of {', '.join(empty)}; write 'none' where there is none")
    span, peak = trial.protocol.span, trial.protocol.peak
    known = all(math.isfinite(v) and v > 0 for v in (span, peak))
    check(known, f"its span is {span} and its peak {peak}: give the ranges of its values")


def gives_a_number_for_each_of_its_columns(trial: Trial) -> None:
    """Figures and columns are the same names; what it shows is among them or repcat's own."""
    by, found = trial.protocol, trial.of(noisy(trial.truth, 50.0))
    columns = [column.name for column in by.columns]
    odd = sorted(set(columns) ^ found.keys())
    check(bool(columns) and not odd, f"{', '.join(odd)}: give each figure a column and no other")
    check(len(set(columns)) == len(columns), f"a column stands twice in {', '.join(columns)}")
    lost = {*by.shown, *by.compared} - {*columns, *COLUMNS}
    check(not lost, f"it shows {', '.join(sorted(lost))}, which it does not give")
    wrong = [name for name, value in found.items() if not isinstance(value, float)]
    check(not wrong, f"{', '.join(wrong)} is no float: return float(value)")


def says_which_way_is_better(trial: Trial) -> None:
    """Each column has a heading, and the figure that ranks a direction."""
    for column in trial.protocol.columns:
        check(bool(column.heading), f"column {column.name!r} has no heading: name it with its unit")
        known = column.better in ("up", "down", "?")
        check(known, f"column {column.name!r} is better {column.better!r}: say 'up' or 'down'")
    first = trial.protocol.column(trial.protocol.compared[0])
    check(first.better != "?", f"{first.name!r} ranks and says not which way is better")


def is_finite_for_every_prediction(trial: Trial) -> None:
    """Noise, all air, one value everywhere: a number each time, or means over patients break."""
    for what, prediction in poor_predictions(trial.truth).items():
        bad = [f"{k} {v}" for k, v in trial.of(prediction).items() if not math.isfinite(v)]
        check(not bad, f"{what} scores {', '.join(bad)}: treat a zero denominator")


def is_best_at_the_truth_and_worse_with_more_noise(trial: Trial) -> None:
    """The truth, then noise of 20, 100 and 400 HU: each figure in the order that it states."""
    scored = [trial.of(noisy(trial.truth, hu)) for hu in (0.0, *NOISES_HU)]
    for column in trial.protocol.columns:
        values = [figures[column.name] for figures in scored]
        worth = [-v if column.better == "down" else v for v in values]
        fine = column.better == "?" or all(a > b for a, b in pairwise(worth))
        scores = ", ".join(f"{v:.6g}" for v in values)
        told = f"the truth and noise of 20, 100, 400 HU score {scores}"
        check(fine, f"{column.name} is better {column.better}, but {told}")


def adds_what_its_peak_says(trial: Trial) -> None:
    """PSNR of an even error of 100 HU is 20 log10(peak / span) - 10 log10(mse), mse of 0..1."""
    figures = trial.of(trial.truth + 100.0)
    applies({"psnr", "mse"} <= figures.keys(), "it does not give both psnr and mse")
    added = figures["psnr"] + 10 * math.log10(figures["mse"])
    told = trial.protocol.offset_db
    why = f"its psnr is {added:+.2f} dB over what its mse says, its peak and span tell {told:+.2f}"
    check(abs(added - told) < ROUNDING_DB, f"{why} dB: `repcat metrics convert` would be wrong")


RULES = (*rules_in(__name__), is_the_same_twice_and_leaves_volumes_alone)


def verdicts(subject: Subject) -> list[Verdict]:
    """Try a protocol by every rule."""
    made = subject.factory(**subject.options)
    if not isinstance(made, Protocol):
        why = f"it returns {type(made).__name__}: build and return a repcat.Protocol"
        return [Verdict("returns a protocol", "fails", why)]
    return judge(RULES, Trial(made, box()))
