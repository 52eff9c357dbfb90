"""Logger of a training: log.jsonl, TensorBoard, a line for the progress bar, pictures."""

from __future__ import annotations

import time
from typing import Any

from torch import Tensor

from repcat import device
from repcat.errors import RepcatError
from repcat.figures.patient import draw_patient
from repcat.figures.training_curves import courses, draw
from repcat.runs.run import Run
from repcat.training.session import Session
from repcat.types import Batch

ASIDE = ("_grad", "_pull")  # in the log, not in the line beside the progress bar


class Logger:
    """Log steps and validations of a session into its run."""

    def __init__(self, session: Session, run: Run) -> None:
        self.session, self.run = session, run
        self.note = ""
        self.numbers: dict[str, float] = {}  # of the last step that was logged
        self._began = self._logged = time.perf_counter()
        self._before = max((r.get("seconds", 0) for r in run.records()), default=0)
        self._drawn = session.loader.drawn
        self._board = None
        if session.recipe.train.tensorboard:
            self._board = board_writer()(str(run.path / "tensorboard"))

    def __enter__(self) -> Logger:
        return self

    def __exit__(self, *error: Any) -> None:  # noqa: ANN401  (type, error, traceback)
        if self._board:
            self._board.close()

    def log(self, step: int, numbers: dict[str, float]) -> None:
        """Log the numbers of a step, which counts from 0; of most there are none."""
        if not numbers:
            return
        now, self.numbers = time.perf_counter(), numbers
        drawn = self.session.loader.drawn
        patients = (drawn - self._drawn) * self.session.recipe.train.batch_size
        speed = patients / max(now - self._logged, 1e-9)
        self._logged, self._drawn = now, drawn
        memory = device.peak_memory_gb(self.session.device)
        shown = {k: v for k, v in numbers.items() if not k.endswith(ASIDE)}
        losses = "  ".join(f"{k} {v:.4g}" for k, v in shown.items())
        self.note = f"{losses}  {speed:.1f} samples/s  {memory:.1f} GB"
        numbers = {**numbers, "samples_per_s": speed, "memory_gb": memory}
        self._write(self._record(step + 1, numbers))

    def validation(self, step: int, scores: dict[str, float], batch: Batch, volume: Tensor) -> None:
        """Draw a validation's first patient and the curves so far, then log it: that ends it."""
        record = self._record(step, scores)
        window = self.session.recipe.window
        pair = {"truth": batch.volume, "prediction": volume}
        volumes = {name: window.to_hu(unit[0, 0]).cpu() for name, unit in pair.items()}
        path = self.run.pictures / f"validation-{step:06d}.png"
        title, views = f"{batch.ids[0]} (validation), step {step}", [str(v) for v in batch.views]
        draw_patient(path, batch.xrays[0].cpu(), volumes, title=title, views=views)
        name = self.run.path.resolve().name
        draw(self.run.path / "curves.png", {name: courses([*self.run.records(), record])})
        self._write(record)

    def _record(self, step: int, numbers: dict[str, float]) -> dict[str, float]:
        """Return a line of the log; `seconds` go on from where an earlier part ended."""
        seconds = round(self._before + time.perf_counter() - self._began, 3)
        return {"step": step, "seconds": seconds, **numbers}

    def _write(self, record: dict[str, float]) -> None:
        self.run.log(record)
        if self._board:
            for name in [name for name in record if name not in ("step", "seconds")]:
                self._board.add_scalar(name, record[name], record["step"])


def board_writer() -> Any:  # noqa: ANN401  (tensorboard has no types)
    """Return TensorBoard's writer.

    Raises:
        RepcatError: where the extra is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        msg = "train.tensorboard = true needs the extra: pip install 'repcat[tensorboard]'"
        raise RepcatError(msg, code="extra-missing") from None
    return SummaryWriter
