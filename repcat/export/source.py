"""Source of an export: a run's network at a step, and real X-rays to check copies on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from repcat.config.recipe import Recipe
from repcat.contracts import SPLITS, Patients
from repcat.errors import DataError, PartError
from repcat.export.reconstruction import Reconstruction
from repcat.inference.predictor import Predictor, load_predictor
from repcat.models.network import Network
from repcat.registry.plugins import load_parts
from repcat.runs.opened import OpenRun
from repcat.runs.run import Run
from repcat.types import Batch

# Patients that every export is checked on: two, so that a batch is more than one patient twice.
CHECKED = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """A run at a step; `batch` holds the first patients of `split`."""

    run: Run
    predictor: Predictor
    patients: Patients
    split: str
    batch: Batch

    @property
    def recipe(self) -> Recipe:
        """The run's recipe, every default filled in."""
        return self.predictor.recipe

    @property
    def network(self) -> Network:
        """The network, on the CPU, in evaluation mode, averaged where the run has an average."""
        return self.predictor.network

    @property
    def xrays(self) -> Tensor:
        """X-rays (B, N, rows, columns) in [0, 1] of the dataset."""
        return self.batch.xrays

    @torch.no_grad()
    def reconstruction(self, *, channel: bool = False) -> Reconstruction:
        """Return the network as a function of X-rays alone.

        Raises:
            PartError: where the mapper reads more of a patient, as noise by id does.
        """
        strangers = tuple(f"stranger {n}" for n in range(len(self.batch.ids)))
        other = Batch(strangers, self.xrays, self.batch.views, self.batch.volume)
        mapper = self.network.mapper
        if not torch.equal(mapper(self.batch), mapper(other)):
            msg = (
                f"mapper {self.recipe.mapper.use!r} gives other volumes for other patient ids (a "
                "patient's own noise), which a function of X-rays alone has not; export the "
                "folder for `repcat.load` instead: repcat export without a format; "
                "docs/messages.md#a-patients-own-noise"
            )
            raise PartError(msg, code="a-patients-own-noise")
        return Reconstruction(self.network, self.recipe, channel=channel).eval()


def open_subject(path: Path, data: Path | None = None, step: int | None = None) -> Subject:
    """Open a run's network and the first X-rays of its dataset's test split.

    `data` is a prepared dataset to check on instead of the recipe's own.

    Raises:
        RunError: where there is no run, or no checkpoint of that step.
        DataError: where the dataset has no patient at all.
    """
    run = Run.open(path)
    run.check_step(step)  # a run without a checkpoint is told so before its dataset is looked for
    opened = OpenRun.of(run, load_parts(), data)
    name, ids = opened.patients.name, opened.patients.ids
    split = next((s for s in reversed(SPLITS) if ids(s)), None)
    if split is None:
        msg = f"{name} has no patient to check the export on; name a dataset with --data"
        raise DataError(msg, code="no-patients")
    batch = opened.cache.batch(ids(split)[:CHECKED])
    return Subject(run, load_predictor(opened, "cpu", step), opened.patients, split, batch)
