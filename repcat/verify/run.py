"""A run verified: scores from its volumes, volumes from its weights, weights from its recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from repcat.arithmetic import Arithmetic, kept_arithmetic
from repcat.errors import RepcatError, RunError
from repcat.registry.parts import Parts
from repcat.runs.opened import OpenRun
from repcat.runs.provenance import changes, check_dataset, circumstances, history
from repcat.runs.run import Run
from repcat.scoring.evaluate import Advance, quiet
from repcat.verify.again import Again
from repcat.verify.retrain import verify_weights
from repcat.verify.verdict import Verdict, refused

SCORES, PREDICTIONS = "scores from kept predictions", "predictions from kept weights"
WEIGHTS = "weights from the recipe"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is made again: weights too, which takes as long as the training, or a part of it.

    `until` is the last step of that training, `out` a folder that keeps it.
    """

    weights: bool = True
    until: int | None = None
    out: Path | None = None


def open_again(
    path: Path, parts: Parts, device: str, data: Path | None = None, advance: Advance = quiet
) -> Again:
    """Open a run to be made again.

    Raises:
        RunError: where it has no checkpoint, or its dataset is not the one it began with.
    """
    own = OpenRun.of(path, parts)
    if not own.run.steps():
        msg = f"{path} has no checkpoint, so there is nothing to verify; train it first"
        raise RunError(msg, code="no-checkpoint")
    check_dataset(own.run.provenance(), own.patients, path)
    return Again(own if data is None else OpenRun.of(path, parts, data), device, advance)


def differing(run: Run, device: str) -> list[str]:
    """Say what is other here than where a run was trained; nothing: its bits must come again."""
    told = run.provenance()
    with kept_arithmetic():
        Arithmetic.recorded(told).set()
        here = circumstances(device)
    if "code" not in told:
        return ["the run does not tell its code and machine, as those of before 0.2"]
    return list(dict.fromkeys(line for record in history(told) for line in changes(record, here)))


def verify(again: Again, extent: Extent) -> Iterator[tuple[str, Verdict | None]]:
    """Yield each of the three comparisons by its name; None where nothing was kept for it."""
    stages: dict[str, Callable[[], Verdict | None]] = {
        SCORES: again.scores,
        PREDICTIONS: again.predictions,
    }
    if extent.weights:
        stages[WEIGHTS] = partial(verify_weights, again, extent.until, extent.out)
    for name, stage in stages.items():
        with kept_arithmetic():
            Arithmetic.recorded(again.run.provenance()).set()
            try:
                found = stage()
            except RepcatError as error:
                found = refused(error)
        yield name, found


def check_verdicts(path: Path, found: dict[str, Verdict | None], *, exact: bool) -> None:
    """Raise RunError where a comparison does not hold, or none was possible."""
    told = {name: verdict for name, verdict in found.items() if verdict}
    if not told:
        msg = f"{path} has no predictions and no scores to verify; run: repcat predict {path}"
        raise RunError(msg, code="nothing-to-compare")
    wrong = [f"{name} {v.words}" for name, v in told.items() if not v.holds(exact)]
    if wrong:
        msg = f"{path} is not repeated: {'; '.join(wrong)}; docs/messages.md#not-repeated"
        raise RunError(msg, code="not-repeated")
