"""Training loop: steps, validation, checkpoints, and what goes into the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from repcat.models.ema import use_average
from repcat.radiographs.training_reference import fit_reference
from repcat.runs.checkpoint import State
from repcat.runs.run import Run
from repcat.training.logger import Logger
from repcat.training.session import Session
from repcat.types import Batch

OnStep = Callable[[int, dict[str, float]], None]
OnCheckpoint = Callable[[int, State], None]
OnValidation = Callable[[int, dict[str, float], Batch, Tensor], None]


def fit(
    session: Session,
    run: Run,
    on_step: Callable[[int, str], None] = lambda step, note: None,
    on_validation: Callable[[str], None] = lambda line: None,
) -> None:
    """Train to the recipe's last step; log, pictures, checkpoints and reference go into the run.

    `on_step` hears how many steps are done and the losses, `on_validation` a line for each.
    """
    with Logger(session, run) as logger:

        def log(step: int, numbers: dict[str, float]) -> None:
            logger.log(step, numbers)
            on_step(step + 1, logger.note)

        def save(step: int, state: State) -> None:
            run.save(step, state)
            run.keep_last(session.recipe.train.keep)

        def show(step: int, scores: dict[str, float], batch: Batch, volume: Tensor) -> None:
            logger.validation(step, scores, batch, volume)
            words = ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in scores.items())
            on_validation(f"step {step}: {words}; {logger.note}")

        train(session, log, save, show)
    fit_reference(session.cache).write(run.path)


def train(
    session: Session, on_step: OnStep, on_checkpoint: OnCheckpoint, on_validation: OnValidation
) -> None:
    """Train to the recipe's last step.

    `on_step` gets each step's numbers, `on_checkpoint` each state to keep, `on_validation` the
    scores, the first validation patient and what the model makes of it.
    """
    options = session.recipe.train
    while session.step < options.steps:
        on_step(session.step, session.run_step())
        last = session.step >= options.steps
        if session.step % options.save_every == 0 or last:
            on_checkpoint(session.step, session.state())
        if (options.validate_every and session.step % options.validate_every == 0) or last:
            found = validate(session)
            if found:
                on_validation(session.step, *found)


@torch.no_grad()
def validate(session: Session) -> tuple[dict[str, float], Batch, Tensor] | None:
    """Score the validation split: mean PSNR and MAE on [0, 1], whole volume, averaged weights.

    Returns None where the dataset has no validation patients; the test split is never touched.
    """
    ids = session.cache.patients.ids("validation")
    if not ids:
        return None
    psnr, mae, first = [], [], None
    with averaged(session):
        for patient in ids:
            batch = session.cache.batch([patient]).to(session.device)
            volume = session(batch).volume.clamp(0, 1)
            error = volume - batch.volume
            psnr.append(-10 * torch.log10(error.pow(2).mean().clamp(min=1e-10)).item())
            mae.append(error.abs().mean().item())
            first = first or (batch, volume)
    assert first is not None
    scores = {"validation_psnr": sum(psnr) / len(psnr), "validation_mae": sum(mae) / len(mae)}
    return scores, *first


@contextmanager
def averaged(session: Session) -> Iterator[None]:
    """Evaluate with the averaged weights where there are any, then put the trained ones back."""
    network, average = session.network.eval(), session.average
    kept = {name: value.clone() for name, value in network.state_dict().items() if average}
    if average:
        use_average(network, average.weights)
    try:
        yield
    finally:
        network.load_state_dict(kept, strict=average is not None)
        network.train()
