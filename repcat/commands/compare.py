"""`repcat compare`: a study, or runs, to one table."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option, echo

from repcat.commands.options import Device
from repcat.commands.parse_lists import numbers, picks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import Progress, TaskID

    from repcat.studies.ranking import Comparison
    from repcat.studies.runner import Plan


def compare(  # noqa: PLR0913  (one parameter an option of the command line)
    what: Annotated[list[Path], Argument(help="A study, file or name, or folders of scored runs.")],
    train: Annotated[bool, Option("--train", help="Train, predict, score what's missing.")] = False,
    out: Annotated[
        Path | None, Option(help="Folder of the study's runs.", show_default="runs/studies/<study>")
    ] = None,
    jobs: Annotated[int, Option(min=1, help="Runs that train side by side.")] = 1,
    form: Annotated[
        str, Option("--format", help="console, md, latex, csv, json or html.")
    ] = "console",
    settings: Annotated[
        list[str] | None,
        Option(
            "--set",
            help="Change every row, in TOML: 'data.size = 32', or @FILE, @NAME. What a row itself "
            "changes stays the row's; a row whose part has not the option goes without it. "
            "Repeatable.",
        ),
    ] = None,
    seeds: Annotated[str, Option(help="Seeds, by commas.", show_default="the study's")] = "",
    rows: Annotated[str, Option(help="Rows by number, such as 2,4-6.", show_default="all")] = "",
    on: Annotated[
        list[Path] | None,
        Option(help="Score the rows on this prepared dataset too. Repeatable.", show_default=False),
    ] = None,
    device: Device = "auto",
) -> None:
    """Print a study's table: own figures, trivial baselines, what was published.

    Without --train it lists what is missing and the command that makes it. With it each row is
    trained as a run of its own under --out; killed, the same command goes on where it was.
    """
    from repcat.commands.console import err
    from repcat.commands.console import out as screen
    from repcat.commands.missing import list_missing
    from repcat.config.shipped import find
    from repcat.io.lock import one_writer
    from repcat.registry.plugins import load_parts
    from repcat.studies.runner import make_plan
    from repcat.studies.tables import run_tables

    parts, what = load_parts(), [find(path, "study", or_folder="run") for path in what]
    study = _study_of(what, form, bool(train or settings or seeds or rows or out or on))
    if study is None:
        _show(run_tables(what, parts), form)
        return
    folder = out or Path("runs") / "studies" / study.stem
    plan = make_plan(study, folder, settings or [], numbers(seeds), parts, picks(rows), on or [])
    if train:
        with one_writer(folder):
            _bring_on(plan, jobs, device)
    list_missing(plan, err if form != "console" else screen)
    _show(plan.tables(), form)


def _study_of(what: Sequence[Path], form: str, for_study: bool) -> Path | None:
    """Return the study among the arguments, None where they are runs."""
    from repcat.errors import RepcatError
    from repcat.registry.options import nearest
    from repcat.report.tables.formats import FORMATS

    msg = ""
    studies = [path for path in what if path.suffix == ".toml"]
    if form not in FORMATS:
        msg = f"--format {form}: there is no such format{nearest(form, FORMATS)}"
    elif studies and len(what) > 1:
        msg = "give one study, or runs: studies and runs are not mixed in one table"
    elif not studies and for_study:
        msg = "--train, --set, --seeds, --rows, --out, --on belong to a study, not to runs"
    if msg:
        raise RepcatError(msg, code="study-or-runs")
    return studies[0] if studies else None


def _bring_on(plan: Plan, jobs: int, device: str) -> None:
    """Train, predict and score what is missing."""
    from repcat.commands.console import progress
    from repcat.device import choose
    from repcat.studies.runner import predict_run, score_run

    on = choose(device)
    _train(plan, jobs, on)
    with progress("patients") as bar:
        for one, place, stage in plan.missing():
            name = f"{one.name}, seed {one.seed}, {place.name}"
            task = bar.add_task(name, total=None, note="")
            tick = partial(_tick, bar, task)
            if stage == "unpredicted":
                predict_run(one, place, on, partial(tick, "predicting"))
            score_run(plan, one, place, tick)


def _tick(bar: Progress, task: TaskID, stage: str, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total, note=stage)


def _train(plan: Plan, jobs: int, device: str) -> None:
    from repcat.commands.console import progress
    from repcat.studies.launcher import train_apart
    from repcat.studies.runner import train_run

    todo = plan.to_train()
    if jobs > 1 and len(todo) > 1:
        with progress("runs") as bar:
            task = bar.add_task("training", total=len(todo), note="")
            runs = {one.run.path.with_suffix(".log"): one for one in todo}
            train_apart(
                [(one.train_words[1:], log) for log, one in runs.items()],
                jobs,
                device,
                lambda n: bar.update(task, completed=n),
                lambda log: runs[log].divergence is not None,
            )
        return
    with progress("steps") as bar:
        for number, one in enumerate(todo, start=1):
            name = f"{number}/{len(todo)} {one.variant.row.name}, seed {one.seed}"
            task = bar.add_task(name, total=one.recipe.train.steps, note="")
            train_run(one, device, plan.parts, partial(_step, bar, task))


def _step(bar: Progress, task: TaskID, step: int, note: str) -> None:
    bar.update(task, completed=step, note=note)


def _show(tables: Sequence[Comparison], form: str) -> None:
    from repcat.commands.console import out
    from repcat.report.tables.formats import console, written

    if form != "console":
        echo(written(tables, form), nl=False)
        return
    for table in tables:
        for item in console(table, out.width):
            out.print(item, soft_wrap=False)
