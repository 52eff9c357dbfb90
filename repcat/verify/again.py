"""Again: scores from kept predictions, predictions from kept weights, compared with those kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from repcat.inference.engine.kinds import EAGER
from repcat.inference.engine.store import FOLDER
from repcat.inference.job import open_job, write_all
from repcat.registry.parts import Parts
from repcat.runs.opened import OpenRun
from repcat.runs.prediction_record import PredictionRecord
from repcat.runs.run import Run
from repcat.scoring.evaluate import Advance, evaluate_run
from repcat.scoring.score_file import ScoreFile, list_score_files
from repcat.scoring.score_table import parse_methods
from repcat.verify.differences import compare_scores, compare_volumes
from repcat.verify.twin import twin
from repcat.verify.verdict import REPREDICTED_DB, Verdict


@dataclass(frozen=True)
class Again:
    """A run, what of it is looked at, and on what it is computed."""

    opened: OpenRun
    device: str
    advance: Advance

    @property
    def run(self) -> Run:
        """The run."""
        return self.opened.run

    @property
    def parts(self) -> Parts:
        """The parts that are installed."""
        return self.opened.parts

    @property
    def volume_files(self) -> list[Path]:
        """The predictions kept."""
        return sorted(self.opened.predictions.glob("*.npy"))

    @property
    def step(self) -> int | None:
        """The step whose weights made them, as their records tell; None: the last."""
        return next(iter(told(self.volume_files, "step")), None)

    def score_files(self) -> dict[ScoreFile, Path]:
        """The score files of the dataset, by protocols that are installed."""
        mine, known = self.opened.patients.name, self.parts.protocols.parts
        found = list_score_files(self.run)
        return {k: p for k, p in found.items() if k.dataset == mine and k.protocol in known}

    def predicted(self) -> dict[str, tuple[str, ...]]:
        """The patients of each split that have a volume."""
        splits = {"test", *(file.split for file in self.score_files())}
        there = {path.stem for path in self.volume_files}
        ids = {s: self.opened.patients.ids(s) for s in sorted(splits)}
        found = {s: tuple(i for i in each if i in there) for s, each in ids.items()}
        return {split: each for split, each in found.items() if each}

    def scores(self, volumes_of: Run | None = None) -> Verdict | None:
        """Score the predictions kept, or those of a run, again; None where none are scored."""
        files = self.score_files()
        if not files:
            return None
        with twin(volumes_of or self.run, without={"metrics"}) as other:
            verdicts = list(self._scored(other, files))
        return reduce(Verdict.__and__, verdicts)

    def _scored(self, other: Run, files: Mapping[ScoreFile, Path]) -> Iterator[Verdict]:
        for split in sorted({file.split for file in files}):
            mine = {file: path for file, path in files.items() if file.split == split}
            names, data = [file.protocol for file in mine], self.opened.data
            metrics = self._metrics(list(mine.values()))
            evaluate_run(other, self.parts, names, metrics, split, data, self.advance)
            yield from (compare_scores(p, other.metrics / p.name) for p in mine.values())

    def _metrics(self, files: Sequence[Path]) -> list[str]:
        """Return the metrics of plugins that have a column in score files."""
        methods = [patients for path in files for patients in parse_methods(path).values()]
        figures = {figure for patients in methods for row in patients.values() for figure in row}
        return sorted(figures & self.parts.metrics.parts.keys())

    def predictions(self) -> Verdict | None:
        """Predict with the weights kept; None where there are no predictions."""
        with twin(self.run, without={"predictions", "metrics", "pictures", FOLDER}) as other:
            self.predict(other, self.step)
            return self.volumes(other, REPREDICTED_DB)

    def predict(self, other: Run, step: int | None = None) -> None:
        """Let another run predict the patients that this one has predicted."""
        for split, ids in self.predicted().items():
            data, engine = self.opened.data, self._engine(ids)
            job = open_job(other.path, data, split, step, self.device, engine)
            for done, _ in enumerate(write_all(replace(job, ids=ids)), start=1):
                self.advance("predictions", done, len(ids))

    def _engine(self, ids: Iterable[str]) -> str:
        """Return the name of the engine that predicted patients, as their records tell."""
        records = (PredictionRecord.read(self.opened.predictions / f"{i}.npy") for i in ids)
        return next((record.engine for record in records if record), EAGER).partition(" ")[0]

    def volumes(self, other: Run, db: float) -> Verdict | None:
        """Compare the volumes of another run with those kept."""
        kept, new = self.opened.predictions, other.predictions(self.opened.patients.name)
        window, splits = self.opened.recipe.window, self.predicted().values()
        found = [compare_volumes(kept, new, ids, window, db) for ids in splits]
        return reduce(Verdict.__and__, found) if found else None


def told(files: Iterable[Path], key: str) -> list[int]:
    """Return the numbers that the records beside files (<name>.json) tell under a key."""
    found = []
    for file in files:
        with suppress(OSError, ValueError, LookupError, TypeError):
            found.append(int(json.loads(file.with_suffix(".json").read_text("utf-8"))[key]))
    return list(dict.fromkeys(found))
