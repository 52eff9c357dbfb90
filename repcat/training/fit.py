"""Run a session to the end of its recipe, saving and validating as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from repcat.radiographs import training_reference
from repcat.runs.run import Run, State
from repcat.training.logger import Logger
from repcat.training.session import Session
from repcat.types import Batch

Log = Callable[[int, dict[str, float]], None]
Save = Callable[[int, State], None]
Look = Callable[[int, dict[str, float], Batch, Tensor], None]


def train(session: Session, log: Log, save: Save, look: Look) -> None:
    """Train to the recipe's last step.

    `log` gets each step's numbers, `save` each checkpoint, `look` each validation: its scores, the
    first validation patient and what the model makes of it.
    """
    options = session.recipe.train
    while session.step < options.steps:
        log(session.step, session.run_step())
        last = session.step >= options.steps
        if session.step % options.save_every == 0 or last:
            save(session.step, session.state())
        if (options.validate_every and session.step % options.validate_every == 0) or last:
            found = validate(session)
            if found:
                look(session.step, *found)


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
    session.network.eval()
    weights = dict(session.network.named_parameters())
    kept = {n: p.detach().clone() for n, p in weights.items()} if session.average else {}
    _put(weights, session.average.weights if session.average else {})
    try:
        yield
    finally:
        _put(weights, kept)
        session.network.train()


def _put(weights: dict[str, torch.nn.Parameter], values: dict[str, Tensor]) -> None:
    with torch.no_grad():
        for name, value in values.items():
            weights[name].copy_(value)


def train_run(
    session: Session,
    run: Run,
    advance: Callable[[int, str], None] = lambda step, note: None,
    tell: Callable[[str], None] = lambda line: None,
) -> None:
    """Train under a logger: log, pictures and checkpoints go into the run.

    `advance` hears how many steps are done and the losses, `tell` a line for each validation.
    """
    with Logger(session, run) as logger:

        def log(step: int, numbers: dict[str, float]) -> None:
            logger.log(step, numbers)
            advance(step + 1, logger.note)

        def look(step: int, scores: dict[str, float], batch: Batch, volume: Tensor) -> None:
            logger.look(step, scores, batch, volume)
            told = ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in scores.items())
            tell(f"step {step}: {told}; {logger.note}")

        def save(step: int, state: State) -> None:
            run.save(step, state)
            run.keep_last(session.recipe.train.keep)

        train(session, log, save, look)
    training_reference.fit_reference(session.cache).write(run.path)
