"""Faults of a training that its log tells: grey scale off, outputs alike, what objectives add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from repcat.contracts import Fault

MOST_BIAS_HU = 100.0
SLOPES = (0.8, 1.25)
LEAST_VARIANCE = 0.05  # of that between truths


def _grey_scale(numbers: Mapping[str, float]) -> str:
    bias = numbers.get("validation_body_bias_hu", 0.0)
    slope = numbers.get("validation_calibration_slope", 1.0)
    contrast = numbers.get("validation_contrast_ratio", 1.0)
    if abs(bias) <= MOST_BIAS_HU and not _stretched(slope, contrast):
        return ""
    return (
        f"the grey scale is off: the body is {bias:+.0f} HU out on average, contrasts are "
        f"{contrast:.2f} times the truth's (calibration slope {slope:.2f})"
    )


def _stretched(slope: float, contrast: float) -> bool:
    """Whether slope and contrast agree: a slope alone also tells detail in the wrong place."""
    return (slope < SLOPES[0] and contrast > SLOPES[1]) or (
        slope > SLOPES[1] and contrast < SLOPES[0]
    )


def _alike(numbers: Mapping[str, float]) -> str:
    ratio = numbers.get("validation_variance_ratio", 1.0)
    if ratio >= LEAST_VARIANCE:
        return ""
    return f"outputs are alike for all patients: {ratio:.3f} of the variance between truths"


OWN = (
    Fault("grey-scale", _grey_scale, "more train.steps, a higher optim.lr or objective 'l1'"),
    Fault("alike", _alike, "more train.steps, a higher optim.lr or mapper 'repeat_concat'"),
)


def faults_of(numbers: Mapping[str, float], objective: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  (an objective, or whatever builds one)
    """Yield the name of each fault that the numbers last logged tell, and a line with its cure."""
    cures: Mapping[str, str] = getattr(objective, "cures", {})
    own: Iterable[Fault] = getattr(objective, "faults", ())
    for fault in (*OWN, *own):
        if told := fault.says(numbers):
            cure = cures.get(fault.name, fault.cure)
            yield fault.name, f"{told}; cure: {cure}; docs/messages.md#training-goes-wrong"


def last_numbers(records: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return each logged quantity's last value."""
    found: dict[str, float] = {}
    for record in records:
        found.update(record)
    return found


class Watch:
    """Tell each fault once when it comes, and again only after it was gone."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def news(self, numbers: Mapping[str, float], objective: Any) -> list[str]:  # noqa: ANN401
        """Return the lines that were not told before."""
        found = dict(faults_of(numbers, objective))
        lines = [line for name, line in found.items() if name not in self._known]
        self._known = set(found)
        return lines
