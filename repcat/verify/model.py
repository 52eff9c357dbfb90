"""A model verified: its figures, made again from its weights, beside those that it states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from repcat.config.recipe import Choice, Recipe
from repcat.errors import RunError
from repcat.inference.exported import LEFT_OUT, Exported, read_exported
from repcat.inference.installed import find_model
from repcat.inference.job import open_job, write_all
from repcat.inference.model_record import FIGURE, StatedScores
from repcat.registry.parts import Parts
from repcat.runs.checkpoint import State
from repcat.runs.opened import OpenRun
from repcat.runs.run import Run
from repcat.scoring.evaluate import Advance, evaluate_run, quiet
from repcat.scoring.summary import MODEL, Scores

# Of a figure's value. Float32 sums in another order come to 1e-6, weights in half precision to
# less than a thousandth (docs/models.md); a figure is shown to a hundredth of a dB.
TOLERANCE = 2e-3


@dataclass(frozen=True, slots=True)
class Repeated:
    """A table of scores that was made again: its largest difference, or why it was not made."""

    stated: StatedScores
    found: float | None = None
    largest: float = 0.0
    of: str = ""
    why_not: str = ""

    @property
    def holds(self) -> bool:
        """Whether every figure came again, within the tolerance."""
        return not self.why_not and self.largest <= TOLERANCE

    def __str__(self) -> str:
        one = self.stated
        head = f"{one.dataset}, split {one.split}, protocol {one.protocol}"
        if self.why_not:
            return f"{head}: not made again: {self.why_not}"
        psnr = ""
        if self.found is not None and one.mean(MODEL) is not None:
            psnr = f"body PSNR {self.found:.2f} dB, stated {one.mean(MODEL):.2f}; "
        verdict = "repeated" if self.holds else "NOT repeated"
        return f"{head}: {verdict}: {psnr}largest difference {self.largest:.1e} of {self.of}"


def verify_model(
    path: Path, parts: Parts, device: str, data: Path | None = None, advance: Advance = quiet
) -> Iterator[Repeated]:
    """Predict and score each split that an exported model states figures of, and compare.

    `data` is the prepared dataset that it was trained on, where its recipe names one: an export
    leaves the path out.

    Raises:
        DataError: where there is no exported model, or one is damaged.
        RunError: where it states no figures.
    """
    folder = find_model(path)
    model = read_exported(folder, parts)
    if not (stated := model.record.stated):
        msg = f"{folder} states no figures to verify; evaluate its run, then export it again"
        raise RunError(msg, code="nothing-to-compare")
    with _as_run(model, folder.resolve().name, data) as run:
        if run is None:
            why = "its patients are not here; give their prepared dataset by --data"
            yield from (Repeated(one, why_not=why) for one in stated)
            return
        patients = OpenRun.of(run, parts).patients
        for split in dict.fromkeys(one.split for one in stated):
            mine = [one for one in stated if one.split == split]
            ours = [one for one in mine if one.fingerprint == patients.fingerprint]
            why = f"{patients.name} here are other patients than those scored"
            yield from (Repeated(one, why_not=why) for one in mine if one not in ours)
            if ours:
                yield from _again(run, parts, split, ours, device, advance)


def _again(
    run: Run,
    parts: Parts,
    split: str,
    stated: Sequence[StatedScores],
    device: str,
    advance: Advance,
) -> Iterator[Repeated]:
    job = open_job(run.path, None, split, None, device)
    for done, _ in enumerate(write_all(job), start=1):
        advance("predictions", done, len(job.ids))
    names = [one.protocol for one in stated if one.protocol in parts.protocols.parts]
    tables = evaluate_run(run, parts, names, (), split, None, advance)
    found = {table.header.protocol: table for table in tables}
    yield from (_compared(one, found[one.protocol]) for one in stated if one.protocol in found)


def _compared(stated: StatedScores, found: Scores) -> Repeated:
    apart = {
        f"{method}'s {figure}": _apart(value, found.summary(method, figure).mean)
        for method, figures in stated.means.items()
        for figure, value in figures.items()
    }
    of = max(apart, key=lambda name: apart[name], default="")
    again = found.summary(MODEL, FIGURE).mean if FIGURE in found.columns else None
    return Repeated(stated, again, apart.get(of, 0.0), of)


def _apart(stated: float, found: float) -> float:
    """Return how far two figures are apart, as a share of the larger, or of one."""
    return abs(stated - found) / max(1.0, abs(stated), abs(found))


@contextmanager
def _as_run(model: Exported, name: str, data: Path | None) -> Iterator[Run | None]:
    """Give an exported model as a run for a while; None where its dataset's folder is not told."""
    recipe = _with_data(model.recipe, data)
    if recipe is None:
        yield None
        return
    with TemporaryDirectory(prefix="repcat-verify-") as made:
        run = Run.create(Path(made) / name, recipe, {})
        weights = {k: v.clone() for k, v in model.network.state_dict().items()}
        run.save(model.step, State({"model": weights}, {"step": model.step}))
        yield run


def _with_data(recipe: Recipe, data: Path | None) -> Recipe | None:
    """Put a folder where the export left the path of one out; None where there is none to put."""
    options: Mapping[str, object] = recipe.dataset.options
    gaps = [name for name, value in options.items() if value == LEFT_OUT]
    if gaps and data is None:
        return None
    filled = {**options, **{name: str(data) for name in gaps}}
    return replace(recipe, dataset=Choice(recipe.dataset.use, filled))


def check_repeated(name: str, found: Sequence[Repeated]) -> None:
    """Raise RunError where a figure is not repeated, or none could be made again."""
    made = [one for one in found if not one.why_not]
    if not made:
        msg = f"none of the figures of {name} was made again: {found[0].why_not}"
        raise RunError(msg, code="nothing-to-compare")
    if wrong := [one for one in made if not one.holds]:
        msg = f"{name} does not repeat its figures: {wrong[0]}; docs/messages.md#not-repeated"
        raise RunError(msg, code="not-repeated")
