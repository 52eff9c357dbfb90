"""`repcat measure`: collapse, checkerboards, convergence, pose, views, films, probe of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typer import Option

from repcat.commands.options import Data, Device, Json, Run, Step
from repcat.commands.parse_lists import words

if TYPE_CHECKING:
    from rich.table import Table

    from repcat.scoring.summary import Scores

TELLING = {
    "collapse": ("variance_ratio", "distance_ratio", "specific", "repeat_ratio"),
    "checkerboard": ("nyquist_z", "nyquist_y", "nyquist_x", "peak"),
    "lattice": ("lattice", "lattice_2", "lattice_4", "lattice_8"),
    "convergence": ("body_psnr", "ssim", "nyquist", "peak"),
    "pose": ("body_psnr", "ssim", "mae_hu"),
    "views": ("body_psnr", "ssim", "mae_hu"),
    "film": ("body_psnr", "ssim", "mae_hu"),
    "probe": ("recovered", "numbers"),
}
MEANING = {
    "collapse": "0: the same output for every patient, 1: as the truth; repeats = variance: noise",
    "checkerboard": "energy share at two voxels' period over the truth's; peak: over longer waves",
    "lattice": "energy at a stride's frequencies over that beside them; 1: no lattice",
    "convergence": "validation split, every saved checkpoint; the test split is never looked at",
    "probe": "share of the X-rays' variance that a linear map reads back there; 0: the mean X-ray",
    "views": "one model, by number of X-rays and how they are spread; each set projected anew",
    "film": "X-rays made films: as stored, read as films, one effect each, all of [augment] film",
    "pose": "azimuth error of all views, or of the last alone; the model believes the nominal ones",
}


def measure(  # noqa: PLR0913  (one parameter an option of the command line)
    run: Run,
    what: Annotated[
        str,
        Option(
            help="Measures, by commas: collapse, checkerboard, lattice, convergence, pose, probe; "
            "views, of a model that takes any; film, X-rays as films are."
        ),
    ] = "collapse,checkerboard,lattice,convergence,pose,probe",
    data: Data = None,
    split: Annotated[
        str, Option(help="train, validation or test; convergence: always validation.")
    ] = "test",
    step: Step = None,
    degrees: Annotated[str, Option(help="Errors of azimuth, by commas, for pose.")] = (
        "0,1,2,5,10"
    ),
    projector: Annotated[
        str,
        Option(
            help="Projectors, by commas, that also cast the X-rays of --what film.",
            show_default="the recipe's alone",
        ),
    ] = "",
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Measure what scores hide: does it answer its input, did it converge, may the patient move?

    Writes RUN/metrics/DATASET.MEASURE.csv, a row for each patient and case.
    """
    from repcat.analysis.run import measure_run
    from repcat.analysis.subject import Measuring
    from repcat.commands.console import out, say, stages
    from repcat.device import choose
    from repcat.registry.plugins import load_parts
    from repcat.runs.run import Run

    opened = Run.open(run)
    with stages("patients") as advance:
        how = Measuring(
            split,
            step,
            _numbers(degrees),
            choose(device),
            advance,
            projectors=tuple(words(projector)),
        )
        tables = measure_run(opened, load_parts(), words(what), how, data)
    if as_json:
        out.print_json(data={"run": str(run), "tables": [t.to_dict() for t in tables]})
        return
    for table in tables:
        say(_title(table))
        out.print(_table(table))
    say(f"every patient and figure: {opened.metrics}")


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in words(text))
    except ValueError:
        from repcat.errors import RecipeError

        msg = f"--degrees {text!r} is not numbers by commas; write for example 0,2,5"
        raise RecipeError(msg, code="not-numbers") from None


def _title(table: Scores) -> str:
    head = table.header
    return (
        f"{head.protocol} · dataset {head.dataset}, split {head.split} · {head.patients} patients "
        f"· views at {', '.join(head.views)} degrees" + (f" · {head.note}" if head.note else "")
    )


def _table(scores: Scores) -> Table:
    from rich.table import Table

    from repcat.report.tables.terminal import CELL_WIDTH
    from repcat.scoring.intervals import span_of
    from repcat.scoring.metric_info import column, interval_text

    kind = scores.header.protocol
    shown = [c for c in TELLING[kind] if c in scores.columns]
    beside = f"below a mean {span_of(scores.header.patients)}"
    table = Table(caption=f"{MEANING[kind]}; {beside}", caption_justify="left")
    table.add_column("")
    for name in shown:
        table.add_column(column(name).arrow, justify="right", min_width=CELL_WIDTH)
    for method in scores.methods:
        cells = [interval_text(scores.summary(method, c), column(c)) for c in shown]
        table.add_row(method, *cells)
    return table
