"""Rules of a metric."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from repcat.contracts import Metric
from repcat.geometry import preset
from repcat.rng import generator
from repcat.testing.docs import Subject
from repcat.testing.result import Verdict, check, judge, rules_in

SIZE = 32


@dataclass(frozen=True)
class Trial:
    """A metric on trial, and a box of tissue in air, HU, to score predictions of."""

    subject: Subject
    score: Metric
    truth: Tensor

    def of(self, prediction: Tensor) -> float:
        """Score a prediction of the box."""
        return self.score(self.truth, prediction, preset("default", size=SIZE, cube_mm=320.0))


def noisy(truth: Tensor, hu: float) -> Tensor:
    """Return a volume with noise of a deviation in HU, always the same."""
    return truth + hu * torch.randn(truth.shape, generator=generator("metric", hu))


def gives_one_plain_number(trial: Trial) -> None:
    """A Python float: it goes into a table."""
    found = trial.of(noisy(trial.truth, 50.0))
    check(isinstance(found, float), f"it gives {type(found).__name__}: return float(value)")


def is_finite_for_every_prediction(trial: Trial) -> None:
    """Noise, all air, one value everywhere: a number each time, or means over patients break."""
    for what, prediction in poor_predictions(trial.truth).items():
        found = trial.of(prediction)
        check(math.isfinite(found), f"{what} scores {found}: treat a zero denominator")


def is_best_where_the_prediction_is_the_truth(trial: Trial) -> None:
    """The truth's own score is beyond every worse prediction's, on the side that is `better`."""
    perfect = trial.of(trial.truth.clone())
    check(not math.isnan(perfect), "the truth itself scores NaN")
    worse = [trial.of(noisy(trial.truth, hu)) for hu in (20.0, 100.0, 400.0)]
    worse.append(trial.of(trial.truth.roll(3, dims=0)))
    above, below = all(perfect > w for w in worse), all(perfect < w for w in worse)
    told = f"the truth itself scores {perfect:.6g}, worse predictions score"
    scores = ", ".join(f"{w:.6g}" for w in worse)
    check(above or below, f"{told} {scores}: the truth must be best")
    true, said = "up" if above else "down", getattr(trial.subject.factory, "better", None)
    check(said in (None, true), f"its `better` is {said!r}, the truth's score says {true!r}")


def gets_worse_with_more_noise(trial: Trial) -> None:
    """Noise of 20, 100 and 400 HU scores in that order."""
    a, b, c = (trial.of(noisy(trial.truth, hu)) for hu in (20.0, 100.0, 400.0))
    told = f"noise of 20, 100, 400 HU scores {a:.6g}, {b:.6g}, {c:.6g}, which is in no order"
    check(a < b < c or a > b > c, told)


def is_the_same_twice_and_leaves_volumes_alone(trial: Trial) -> None:
    """A score is a function of truth, prediction and geometry."""
    prediction = noisy(trial.truth, 50.0)
    before = trial.truth.clone(), prediction.clone()
    one, other = trial.of(prediction), trial.of(prediction)
    check(one == other, f"two scores of one prediction differ: {one} and {other}")
    same = torch.equal(trial.truth, before[0]) and torch.equal(prediction, before[1])
    check(same, "it changes a volume in place: clone before writing")


RULES = rules_in(__name__)


def box() -> Tensor:
    """Return a box of tissue with bone in air (D, H, W), HU."""
    truth = torch.full((SIZE,) * 3, -1000.0)
    truth[6:24, 8:26, 5:20] = 40.0
    truth[10:14, 12:20, 8:12] = 700.0
    return truth


def poor_predictions(truth: Tensor) -> dict[str, Tensor]:
    """Return predictions for which a score must still be a number."""
    return {
        "a noisy prediction": noisy(truth, 50.0),
        "a prediction of air alone": torch.full_like(truth, -1000.0),
        "a prediction of one value": torch.full_like(truth, 40.0),
    }


def verdicts(subject: Subject) -> list[Verdict]:
    """Try a metric by every rule."""
    return judge(RULES, Trial(subject, subject.factory(**subject.options), box()))
