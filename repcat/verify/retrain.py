"""Retrain: a run's recipe trained again, with its threads, as far as it is to be compared."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from repcat.arithmetic import Arithmetic
from repcat.errors import RunError
from repcat.runs.run import Run
from repcat.training.begin import resume, start
from repcat.training.session import Session
from repcat.verify.again import Again
from repcat.verify.differences import compare_losses, compare_weights
from repcat.verify.verdict import RETRAINED_DB, SAME, Verdict


def verify_weights(again: Again, until: int | None, out: Path | None) -> Verdict:
    """Train anew to a step, by default the last one kept, and compare losses and weights.

    Where the weights differ, volumes and scores that they make are compared too. `out` keeps the
    training, and goes on where it was; without it nothing is left.
    """
    with TemporaryDirectory(prefix="repcat-verify-") as made:
        folder = out or Path(made) / again.run.path.resolve().name
        new = _trained(again, folder, until, keep=out is not None)
        verdict = _compared(again.run, new)
        step = again.step or again.run.steps()[-1]
        if verdict.equal or step not in new.steps():
            return verdict
        return _consequences(again, new, step, verdict)


def _consequences(again: Again, new: Run, step: int, verdict: Verdict) -> Verdict:
    """Add what other weights do to volumes and scores."""
    again.predict(new, step)
    volumes = again.volumes(new, RETRAINED_DB)
    if volumes is None:
        return verdict
    scores = again.scores(volumes_of=new)
    told = [f"volumes {volumes.words}", *([f"scores: {scores.words}"] if scores else [])]
    return Verdict("; ".join([verdict.words, *told]), False, verdict.near and volumes.near)


def _trained(again: Again, out: Path, until: int | None, *, keep: bool) -> Run:
    """Train as `repcat train` does, without its pictures and validations, which change nothing."""
    session, new = _begun(again, out)
    wanted = set(again.run.steps())
    last = min(until or max(wanted), max(wanted))
    every = session.recipe.train.save_every
    while session.step < last:
        numbers = session.run_step()
        new.log({"step": session.step, **numbers})
        if session.step in wanted or (keep and session.step % every == 0):
            new.save(session.step, session.state())
        again.advance("steps", session.step, last)
    return new


def _begun(again: Again, out: Path) -> tuple[Session, Run]:
    """Begin, or go on, with the recipe and the arithmetic of the run."""
    run, known = again.run, again.opened.recipe.train.steps
    reached = run.steps()[-1]
    settings = [f"train.steps = {reached}"] if reached > known else []
    begin = resume if Run(out).recipe_file.exists() else start
    arithmetic = Arithmetic.recorded(run.provenance())
    return begin(run.recipe_file, out, settings, again.device, again.parts, arithmetic)


def _compared(run: Run, new: Run) -> Verdict:
    """Compare what both have: lines of the log, checkpoints."""
    losses, lines = compare_losses(run.records(), new.records())
    steps = [step for step in run.steps() if step in new.steps()]
    if not lines and not steps:
        msg = f"{run.path} has no checkpoint and no line in its log up to that step; raise --steps"
        raise RunError(msg, code="nothing-to-compare")
    verdict = losses
    for step in steps:
        found = compare_weights(run.load(step), new.load(step))
        verdict = found & losses
        if not found.equal:
            break
    if not verdict.equal:
        return verdict
    told = ", ".join(str(step) for step in steps)
    weights = f"weights of step {told}" if told else "no weights, no such checkpoint is kept"
    return Verdict(f"{SAME}: losses in {lines} line{'s' * (lines != 1)} of the log, {weights}")
