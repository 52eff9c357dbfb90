"""`repcat figure`: the paper's figures from runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option, Typer

from repcat.commands.options import Data, Device, Run, Settings, Split
from repcat.io.notice import SYNTHETIC

app = Typer(
    help="Draw runs: projections (Figs. 4, 5), comparison (9), gradients (8), scatter (7), curves.",
    no_args_is_help=True,
)

Runs = Annotated[list[Path], Argument(help="Directories of trained runs.")]
Count = Annotated[int, Option("--patients", min=1, help="Patients to show, from the first.")]
Out = Annotated[Path, Option(help="The picture, a .png.")]
Bands = Annotated[
    list[Path] | None,
    Option(help="Prepared dataset instead of the recipe's; repeatable, a band each."),
]
Way = Annotated[Literal["mean", "max"], Option(help="What a projection shows of its ray.")]


@app.command()
def projections(
    runs: Runs,
    patients: Count = 2,
    split: Split = "test",
    data: Bands = None,
    way: Way = "mean",
    out: Out = Path("projections.png"),
    device: Device = "auto",
) -> None:
    """Draw a row of the truth and a row for each run below it, along three axes (Figs. 4, 5)."""
    from repcat.device import choose
    from repcat.figures.projections import draw_rows
    from repcat.registry.plugins import load_parts
    from repcat.studies import run_figures

    named, on = run_figures.name_runs(runs), choose(device)
    places: list[Path | None] = [*data] if data else [None]
    bands = [run_figures.band(named, load_parts(), patients, split, d, on) for d in places]
    draw_rows(_png(out), bands, way)
    _told(out)


@app.command()
def comparison(
    runs: Runs,
    patients: Count = 2,
    split: Split = "test",
    data: Data = None,
    way: Way = "mean",
    out: Out = Path("comparison.png"),
    device: Device = "auto",
) -> None:
    """Draw the truth and each run side by side, three projections a patient (Fig. 9)."""
    from repcat.device import choose
    from repcat.figures.projections import draw_columns
    from repcat.registry.plugins import load_parts
    from repcat.studies import run_figures

    named = run_figures.name_runs(runs)
    band = run_figures.band(named, load_parts(), patients, split, data, choose(device))
    draw_columns(_png(out), band, way)
    _told(out)


@app.command()
def gradients(
    run: Run,
    patients: Count = 6,
    split: Split = "test",
    data: Data = None,
    out: Out = Path("gradients.png"),
    device: Device = "auto",
) -> None:
    """Draw the gradient of the output with respect to each input view (Fig. 8).

    Above, slices of one patient's 3D input; below, X-ray by X-ray from patient to patient.
    """
    from repcat.commands.console import say
    from repcat.device import choose
    from repcat.figures import gradients as drawing
    from repcat.registry.plugins import load_parts
    from repcat.studies import run_figures

    (name, opened), *_ = run_figures.name_runs([run]).items()
    parts = load_parts()
    found = run_figures.attributions(opened, parts, patients, split, data, choose(device))
    views = opened.recipe(parts).views
    vary = drawing.variabilities(found, views)
    within, across = vary["within"], vary["across"]
    told = f"1 - mean correlation: within a patient {within:.3f}, across {across:.3f}"
    drawing.draw(_png(out), found, views, f"{name}: |d output / d input|\n{told}")
    say(told)
    _told(out)


@app.command()
def curves(runs: Runs, out: Out = Path("curves.png")) -> None:
    """Draw what several runs logged, and their scores at every checkpoint where measured."""
    from repcat.errors import RunError
    from repcat.figures.training_curves import draw
    from repcat.studies import run_figures

    found = {name: run_figures.course(run) for name, run in run_figures.name_runs(runs).items()}
    if not any(found.values()):
        msg = f"nothing is logged in {', '.join(found)}; train first"
        raise RunError(msg, code="nothing-logged")
    draw(_png(out), found)
    _told(out)


@app.command()
def views(
    runs: Runs,
    out: Out = Path("views.png"),
    figure: Annotated[str, Option("--figure", help="Figure along the side.")] = "body_psnr",
) -> None:
    """Draw a figure over the number of X-rays, one line a run, as `repcat measure --what views`."""
    from repcat.figures.view_curve import draw
    from repcat.scoring.metric_info import column
    from repcat.studies import run_figures

    named = run_figures.name_runs(runs)
    draw(_png(out), run_figures.view_points(named, figure), column(figure))
    _told(out)


@app.command()
def scatter(
    runs: Runs,
    x: Annotated[str, Option("--x", help="Figure along the bottom.")] = "psnr",
    y: Annotated[str, Option("--y", help="Figure along the side.")] = "ssim",
    protocol: Annotated[str, Option(help="Protocol of both.")] = "standard",
    out: Out = Path("scatter.png"),
) -> None:
    """Draw each run's scores as a point: views by colour, alignment by marker (Fig. 7)."""
    from repcat.figures.scatter import draw
    from repcat.registry.plugins import load_parts
    from repcat.scoring.protocols import column_of
    from repcat.studies import run_figures

    named, parts = run_figures.name_runs(runs), load_parts()
    draw(
        _png(out),
        run_figures.points(named, parts, protocol, x, y),
        column_of(protocol, x, parts),
        column_of(protocol, y, parts),
        f"protocol {protocol}, mean, and 95 % interval of 6 patients or more",
    )
    _told(out)


@app.command()
def films(
    recipe: Annotated[Path, Argument(help="A TOML file, or a name that `repcat recipes` lists.")],
    settings: Settings = None,
    seed: Annotated[int, Option(help="Seed of the draws.")] = 0,
    out: Out = Path("films.png"),
) -> None:
    """Draw a test patient's X-rays as films: each effect of a recipe's [augment] film, and all.

    Of the bank where the recipe has none.
    """
    from repcat.config.film_table import BANK
    from repcat.config.load import read
    from repcat.config.shipped import find
    from repcat.data.cast import Caster
    from repcat.data.film.films import greys_of
    from repcat.data.loader import PatientCache
    from repcat.figures.film_bank import draw
    from repcat.models.build import make_projector, open_patients
    from repcat.registry.plugins import load_parts

    parts = load_parts()
    found = read(find(recipe, "recipe"), settings or [], parts=parts)
    patients = open_patients(found, parts)
    patient = patients.load(patients.ids("test")[0])
    project = make_projector(found, parts)
    cast = Caster(patients, project, found.views, "film", "draw another recipe")
    greys = greys_of(PatientCache(patients, found))
    seen = (patient.integrals.float(), cast.bone(patient.volume, found.views), greys)
    table = found.augment.film_table or BANK
    draw(_png(out), table, patients.geometry, found.views, seen, seed)
    _told(out)


def _png(out: Path) -> Path:
    if out.suffix.lower() != ".png":
        from repcat.errors import RepcatError

        msg = f"--out {out} is no .png; pictures are written as PNG"
        raise RepcatError(msg, code="not-png")
    return out


def _told(out: Path) -> None:
    from repcat.commands.console import say

    say(f"{out}: {SYNTHETIC}")
