"""Training loop: steps, validation, checkpoints, and what goes into the run."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from repcat.errors import DivergenceError, Stopped
from repcat.io.signals import asked_to_stop
from repcat.radiographs.training_reference import FILE, fit_reference
from repcat.runs.checkpoint import State
from repcat.runs.divergence import note_divergence
from repcat.runs.run import Run
from repcat.training.bf16_layers import told_fp32
from repcat.training.checkpoint_writer import BETWEEN, CheckpointWriter
from repcat.training.faults import Watch
from repcat.training.logger import Logger
from repcat.training.session import Session
from repcat.training.validation import validate
from repcat.types import Batch

OnStep = Callable[[int, dict[str, float]], None]
OnCheckpoint = Callable[[int, State], None]
OnValidation = Callable[[int, dict[str, float], Batch, Tensor], None]


def fit(
    session: Session,
    run: Run,
    on_step: Callable[[int, str], None] = lambda step, note: None,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Train to the recipe's last step; log, pictures, checkpoints and reference go into the run.

    `on_step` hears how many steps are done and the losses, `say` a line for each validation, for
    each fault that shows in it and for what stays in fp32. What an earlier end left open, a
    validation or the reference, is done too.

    Raises:
        DivergenceError: when a turn came to no number, which `diverged.json` in the run says, too.
        Stopped: when Ctrl-C or SIGTERM came; the step was finished and saved.
    """
    writer, watch = CheckpointWriter(run, session.recipe.train.keep), Watch()
    with Logger(session, run) as logger, asked_to_stop() as asked, writer:
        began = session.step

        def log(step: int, numbers: dict[str, float]) -> None:
            if step == began and (layers := session.fp32_layers):
                say(told_fp32(layers))
            logger.log(step, numbers)
            on_step(step + 1, logger.note)
            writer.check()

        def show(step: int, scores: dict[str, float], batch: Batch, volume: Tensor) -> None:
            logger.validation(step, scores, batch, volume)
            words = ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in scores.items())
            say(f"step {step}: {words}; {logger.note}")
            for line in watch.news(logger.numbers | scores, session.objective):
                say(f"step {step}: {line}")

        try:
            train(session, log, writer.write, show, asked, owes_validation(session, run))
        except DivergenceError as error:
            note_divergence(run, error)
            raise
        writer.wait()
        if number := asked():
            raise Stopped(number, f"{run.path} is saved at step {session.step}")
    fit_reference(session.cache).write(run.path)


def is_finished(session: Session, run: Run) -> bool:
    """Whether nothing is left to do: all steps, the last validation, the training reference."""
    done = session.step >= session.recipe.train.steps
    return done and not owes_validation(session, run) and (run.path / FILE).is_file()


def owes_validation(session: Session, run: Run) -> bool:
    """Whether the step reached was to be validated and the log does not say so; its last word."""
    if (
        not session.step
        or not _is_looked_at(session)
        or not session.cache.patients.ids("validation")
    ):
        return False
    return not any(r.get("step") == session.step and "validation_psnr" in r for r in run.records())


def _is_looked_at(session: Session) -> bool:
    options = session.recipe.train
    grid = options.validate_every and session.step % options.validate_every == 0
    return bool(grid or session.step == options.steps)


def train(
    session: Session,
    on_step: OnStep,
    on_checkpoint: OnCheckpoint,
    on_validation: OnValidation,
    asked: Callable[[], int] = lambda: 0,
    owing: bool = False,
) -> None:
    """Train to the recipe's last step, or till `asked` to stop, which is saved too.

    `on_step` gets each step's numbers, `on_checkpoint` each state to keep, `on_validation` the
    scores, the first validation patient and what the model makes of it; `owing` its first call.
    """
    options, saved = session.recipe.train, session.step
    while True:
        if owing and (found := validate(session, asked)):
            on_validation(session.step, *found)
        if session.step >= options.steps or asked():
            break
        on_step(session.step, session.run_step(session.is_told))
        if session.step % options.save_every == 0 or session.step == options.steps:
            on_checkpoint(session.step, session.state())
            saved = session.step
        owing = _is_looked_at(session)
    if session.step != saved:
        state = session.state()
        state.values[BETWEEN] = True
        on_checkpoint(session.step, state)
