"""A run verified: scores from its volumes, volumes from its weights, weights from its recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from repcat.arithmetic import Arithmetic, default_threads, kept_arithmetic
from repcat.errors import RepcatError, RunError
from repcat.registry.parts import Parts
from repcat.runs.opened import OpenRun
from repcat.runs.provenance import changes, check_dataset, circumstances, history
from repcat.runs.run import Run
from repcat.scoring.evaluate import Advance, quiet
from repcat.verify.again import Again, told
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
    known = run.provenance()
    with kept_arithmetic():
        Arithmetic.recorded(known).set()
        here = circumstances(device)
    if "code" not in known:
        return ["the run does not tell its code and machine, as those of before 0.2"]
    return list(dict.fromkeys(line for record in history(known) for line in changes(record, here)))


def verify(again: Again, extent: Extent) -> Iterator[tuple[str, Verdict | None]]:
    """Yield each of the three comparisons by its name; None where nothing was kept for it."""
    made = Arithmetic.recorded(again.run.provenance())
    yield SCORES, _first_equal(again.scores, made, told(again.score_files().values(), "threads"))
    threads = told(again.volume_files, "threads")
    yield PREDICTIONS, _first_equal(again.predictions, made, threads)
    if extent.weights:
        yield WEIGHTS, _under(made, partial(verify_weights, again, extent.until, extent.out))


def _first_equal(
    stage: Callable[[], Verdict | None], made: Arithmetic, recorded: Iterable[int]
) -> Verdict | None:
    """Make something with the threads that its record tells, those of the training, or these here.

    A run may be trained by a process of few threads and scored by another of all.
    """
    found = None
    known = [Arithmetic.recorded({"threads": threads}).threads for threads in recorded]
    for threads in dict.fromkeys([*known, made.threads, default_threads()]):
        found = _under(Arithmetic(threads), stage)  # as predict and evaluate compute
        if found is None or found.equal:
            break
    return found


def _under(arithmetic: Arithmetic, stage: Callable[[], Verdict | None]) -> Verdict | None:
    with kept_arithmetic():
        arithmetic.set()
        try:
            return stage()
        except RepcatError as error:
            return refused(error)


def check_verdicts(path: Path, found: dict[str, Verdict | None], *, exact: bool) -> None:
    """Raise RunError where a comparison does not hold, or none was possible."""
    there = {name: verdict for name, verdict in found.items() if verdict}
    if not there:
        msg = f"{path} has no predictions and no scores to verify; run: repcat predict {path}"
        raise RunError(msg, code="nothing-to-compare")
    wrong = [f"{name} {v.words}" for name, v in there.items() if not v.holds(exact)]
    if wrong:
        msg = f"{path} is not repeated: {'; '.join(wrong)}; docs/messages.md#not-repeated"
        raise RunError(msg, code="not-repeated")
