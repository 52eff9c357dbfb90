"""`repcat prepare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from repcat.commands.options import LargeFiles
from repcat.config.default_projector import DEFAULT_PROJECTOR

if TYPE_CHECKING:
    from repcat.data.prepare.pipeline import Report
    from repcat.data.prepare.settings import Settings
    from repcat.view import View


LABEL = 24  # letters of a scan's path beside the bar


def prepare(  # noqa: PLR0913  (one parameter an option of the command line)
    source: Annotated[list[Path], Argument(help="Folders or files with CT scans.")],
    out: Annotated[Path, Option(help="Directory of the dataset.")],
    size: Annotated[int, Option(help="Voxels and pixels per side.")] = 128,
    views: Annotated[
        str,
        Option(
            help="1 to 72 views: degrees, pa, ap, left_lateral, right_lateral, or bank:24, which "
            "is 24 even azimuths; '30 tilt 10' has the source 10 degrees higher."
        ),
    ] = "0,45,90,135,180,225,270,315",
    cube: Annotated[float, Option(help="Side of the cube in mm.")] = 400.0,
    geometry: Annotated[str, Option(help="default, x2ct, parallel or film.")] = "default",
    projector: Annotated[str, Option(help="Maker of X-rays.")] = DEFAULT_PROJECTOR,
    clip: Annotated[str, Option(help="Bounds of the stored HU.")] = "-1000,1000",
    no_clip: Annotated[bool, Option("--no-clip", help="Store all HU.")] = False,
    mu_water: Annotated[float, Option(help="Attenuation of water, 1/mm.")] = 0.022,
    air_hu: Annotated[float, Option(help="HU at and below which nothing absorbs.")] = -800.0,
    drr_window: Annotated[str | None, Option(help="LOW,HIGH: HU bounds before projection.")] = None,
    bits: Annotated[int, Option(help="8: round each X-ray like an 8-bit file of its maximum.")] = 0,
    film: Annotated[
        int | None,
        Option(
            metavar="SEED",
            min=0,
            help="Make the X-rays films, as [augment] film = 'bank' does, drawn by SEED and "
            "patient; needs repcat[film].",
            show_default="left as they are",
        ),
    ] = None,
    place: Annotated[
        Literal["centre", "top"],
        Option(help="Where the cube goes in z: the scan's middle, or its upper end (X2CT)."),
    ] = "centre",
    remove_table: Annotated[
        bool, Option("--remove-table", help="Set all but the patient to air.")
    ] = False,
    jobs: Annotated[int, Option(min=1, help="Scans made at the same time.")] = 1,
    split: Annotated[
        str,
        Option(
            help="Shares of train, validation, test; or train=FILE,test=FILE[,validation=FILE] "
            "with a name a line; or FILE.csv with columns id, split."
        ),
    ] = ".8,.1,.1",
    ids: Annotated[
        Literal["hash", "stem", "number"],
        Option(
            help="Names of patients: hashes (DICOM: of ID and pixels), the file's or folder's "
            "name, or numbers. The table names the source file or folder, whatever it is called."
        ),
    ] = "hash",
    seed: Annotated[int, Option(help="Seed of a split by shares.")] = 0,
    any_anatomy: Annotated[bool, Option("--any-anatomy", help="Keep scans without lungs.")] = False,
    large_files: LargeFiles = False,
) -> None:
    """Turn CT scans into a dataset: cubes, X-rays, splits and previews."""
    from repcat.commands.console import progress
    from repcat.data.prepare.pipeline import prepare as work
    from repcat.data.prepare.settings import Settings
    from repcat.data.prepare.splits import parse_split
    from repcat.figures.preview import draw_preview
    from repcat.io.lock import one_writer

    settings = Settings(
        size=size,
        views=_views(views),
        cube_mm=cube,
        geometry=geometry,
        projector=projector,
        clip=None if no_clip else _range(clip, "--clip"),
        mu_water=mu_water,
        air_hu=air_hu,
        drr_window=_range(drr_window, "--drr-window") if drr_window else None,
        bits=bits,
        place=place,
        remove_table=remove_table,
        ids=ids,
        any_anatomy=any_anatomy,
        film=film,
    )
    split_by = parse_split(split, seed)
    with one_writer(out), progress("scans") as bar:
        task = bar.add_task("searching", total=None, note="")

        def show(done: int, total: int, label: str) -> None:
            bar.update(task, description="preparing", completed=done, total=total, note=_end(label))

        report = work(source, out, settings, split_by, jobs, show, draw_preview, large=large_files)
    _tell(report, out, settings)


def _tell(report: Report, out: Path, settings: Settings) -> None:
    """Say what there is, what to look at, and what was left out and why."""
    from repcat.commands.console import say
    from repcat.contracts import SPLITS

    splits = [row.split for row in report.prepared]
    counts = ", ".join(f"{splits.count(name)} {name}" for name in SPLITS)
    scans = f"{len(splits)} scan{'s' * (len(splits) != 1)} ({counts})"
    say(f"{out}: {scans}, {settings.size}^3 voxels, {len(settings.views)} views")
    for row in report.prepared:
        if row.notes:
            say(f"note: {row.id} ({row.source}): {row.notes}")
    for remark in report.remarks:
        say(f"note: {remark}")
    for one in report.skipped:
        say(f"left out: {one.label}: {one.reason}")
    say(f"look at {out / 'previews'} before you train")


def _end(label: str) -> str:
    """Keep the end of a long path, which tells scans apart, so that the bar keeps its width."""
    return label if len(label) <= LABEL else f"...{label[3 - LABEL :]}"


def _views(text: str) -> tuple[View, ...]:
    """Read views by commas; degrees beyond a full turn are a slip of the pen (400 would be 40)."""
    from repcat.errors import RecipeError
    from repcat.view import BANK, NAMED_VIEWS, TILT, View, parse_views

    words = [part.strip() for part in text.split(",")]
    found = parse_views(words)
    for word in words:
        level = word.partition(TILT)[0]
        if level not in NAMED_VIEWS and not word.startswith(BANK) and abs(float(level)) > 360:
            view = View.parse(word)
            msg = f"--views {text}: {word} degrees is more than a full turn; is it {view}?"
            raise RecipeError(msg, code="not-a-view")
    return found


def _range(text: str, option: str) -> tuple[float, float]:
    """Read LOW,HIGH."""
    from repcat.errors import RecipeError

    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        msg = f"{option} {text!r} is no range; give two numbers such as -1000,1000"
        raise RecipeError(msg, code="not-a-range") from None
    return low, high
