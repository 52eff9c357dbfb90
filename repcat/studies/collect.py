"""Collecting scores of runs, and what of them may stand in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repcat.config.recipe import Recipe
from repcat.errors import DataError, RunError
from repcat.models.build import folder_option
from repcat.registry.options import nearest
from repcat.registry.parts import Parts
from repcat.runs.run import Run
from repcat.scoring.score_file import list_score_files
from repcat.scoring.score_record import ScoreRecord
from repcat.scoring.score_table import Figures
from repcat.scoring.summary import MODEL
from repcat.studies.ranking import Budget
from repcat.studies.spec import Study

# Options of a dataset that say how many patients it has, not who they are.
COUNTS = ("train", "validation", "test", "limit")
# A run's tables by dataset and protocol.
Tables = dict[tuple[str, str], Path]


@dataclass(frozen=True, slots=True)
class Scored:
    """One scored run: its row's name, its recipe, each method's figures by patient, of what."""

    name: str
    run: Run
    recipe: Recipe
    methods: Mapping[str, Figures]
    record: ScoreRecord
    ids: tuple[str, ...] = ()

    @property
    def budget(self) -> Budget | None:
        """What training to the scored step cost; None where its checkpoint is silent."""
        values = {} if self.record.step is None else self.run.values(self.record.step)
        updates, drawn = values.get("turns", {}).get("model"), values.get("drawn")
        if updates is None or drawn is None:
            return None
        return Budget(int(updates), int(drawn) * self.recipe.train.batch_size)


def check_figures(scored: Sequence[Scored], study: Study) -> None:
    """Raise DataError where the study's protocol lacks one of its figures."""
    for run in scored:
        known = {figure for patient in run.methods[MODEL].values() for figure in patient}
        for name in study.metrics:
            if name not in known:
                msg = (
                    f"{study.file}: protocol {study.protocol} gives no figure {name!r} "
                    f"({run.run.path}){nearest(name, known)}"
                )
                raise DataError(msg, code="no-such-figure")


def check_comparable(scored: Sequence[Scored], parts: Parts) -> None:
    """Raise DataError where two runs were scored on grids or windows that differ."""
    for other in scored[1:]:
        a, b = _field(scored[0].recipe, parts), _field(other.recipe, parts)
        for key in sorted(a.keys() & b.keys()):
            if a[key] != b[key]:
                msg = (
                    f"{scored[0].name!r} has {key} = {a[key]} and {other.name!r} has {b[key]}: "
                    "rows of different data are never ranked together; compare them apart"
                )
                raise DataError(msg, code="not-comparable")


def check_same_patients(scored: Sequence[Scored], parts: Parts) -> None:
    """Raise DataError where two runs were scored on other scans under the same ids.

    A dataset that is no folder is told by its options, which `check_comparable` compares.
    """
    for other in scored[1:]:
        first, a, b = scored[0], scored[0].record, other.record
        shared = a.contents.keys() & b.contents.keys()
        if all(a.contents[p] == b.contents[p] for p in shared) or _made_alike(first, other, parts):
            continue
        msg = (
            f"{first.name!r} and {other.name!r} were scored on two datasets that are both called "
            f"{a.dataset!r}; predict and evaluate both on one, or rename its folder"
        )
        raise DataError(msg, code="not-comparable")


def _made_alike(one: Scored, other: Scored, parts: Parts) -> bool:
    homes = [run.run.provenance().get("dataset") == run.record.dataset for run in (one, other)]
    folders = [folder_option(parts, run.recipe.dataset.use) for run in (one, other)]
    return all(homes) and not any(folders)


def _field(recipe: Recipe, parts: Parts) -> dict[str, object]:
    """Return what the figures of one table must have in common, but for the number of patients.

    Who the patients of a prepared folder are, the scores' records say.
    """
    folder = folder_option(parts, recipe.dataset.use)
    options = () if folder else recipe.dataset.options.items()
    return {
        **{f"metrics.{name}": table for name, table in recipe.metrics.items()},
        "data.size": recipe.data.size,
        "data.window": recipe.data.window,
        **{f"data.{k}": v for k, v in options if k not in COUNTS},
    }


def tables_of(run: Run, parts: Parts) -> Tables:
    """Return a run's tables by the protocols that are installed."""
    files, known = list_score_files(run), parts.protocols.parts
    found = {(f.label, f.protocol): path for f, path in files.items() if f.protocol in known}
    if not found:
        msg = f"{run.path} has no scores; run: repcat evaluate {run.path}"
        raise RunError(msg, code="nothing-scored")
    return found


def check_shared(one: Run, a: Tables, other: Run, b: Tables) -> None:
    """Raise DataError where two runs share no dataset or no protocol."""
    if a.keys() & b.keys():
        return
    for n, what in enumerate(("dataset", "protocol")):
        ours, theirs = {k[n] for k in a}, {k[n] for k in b}
        if ours & theirs:
            continue
        cure = (
            "evaluate both by one protocol, or bring a PSNR over with `repcat metrics convert "
            f"FIGURE --from {min(theirs)} --to {min(ours)}`"
            if what == "protocol"
            else "evaluate both on one dataset with `repcat predict --data` and `repcat evaluate "
            "--data`; figures of another protocol are brought over with `repcat metrics convert`"
        )
        msg = (
            f"{one.path} is scored on {what} {', '.join(sorted(ours))} and {other.path} on "
            f"{', '.join(sorted(theirs))}: they are never ranked together; {cure}"
        )
        raise DataError(msg, code="not-comparable")
    both = f"{one.path} and {other.path}"
    msg = f"{both} share no dataset by one protocol; evaluate both the same way"
    raise DataError(msg, code="not-comparable")
