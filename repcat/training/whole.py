"""A session from where it is to its last step, with everything it leaves in its run."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from repcat import gallery
from repcat.run import Run, State
from repcat.shapes import Batch
from repcat.training.journal import Journal
from repcat.training.loop import train
from repcat.training.session import Session


def train_run(
    session: Session,
    run: Run,
    advance: Callable[[int, str], None] = lambda step, note: None,
    tell: Callable[[str], None] = lambda line: None,
) -> None:
    """Train under a journal: log, pictures and checkpoints go into the run.

    `advance` hears how many steps are done and the losses, `tell` a line for each validation.
    """
    with Journal(session, run) as journal:

        def log(step: int, numbers: dict[str, float]) -> None:
            journal.log(step, numbers)
            advance(step + 1, journal.note)

        def look(step: int, scores: dict[str, float], batch: Batch, volume: Tensor) -> None:
            journal.look(step, scores, batch, volume)
            told = ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in scores.items())
            tell(f"step {step}: {told}; {journal.note}")

        def save(step: int, state: State) -> None:
            run.save(step, state)
            run.keep_last(session.recipe.train.keep)

        train(session, log, save, look)
    gallery.hang(session.shelf).write(run.path)
