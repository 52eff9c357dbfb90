"""`repcat predict`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from repcat.commands.options import Data, Device, LargeFiles, Split, Step
from repcat.commands.parse_lists import words
from repcat.commands.predict_patients import predict_patients, with_patients
from repcat.inference.engine.kinds import EngineName
from repcat.io.notice import SYNTHETIC

if TYPE_CHECKING:
    from repcat.inference.case import Case
    from repcat.radiographs.options import Handling

Grey = Literal["auto", "bone_bright", "bone_dark", "counts", "integrals"]
Match = Literal["auto", "percentile", "histogram", "none"]


def predict(  # noqa: PLR0913  (one parameter an option of the command line)
    run: Annotated[
        Path | None,
        Argument(
            help="Directory of a trained run, or with --xray an installed model.",
            show_default="with --xray the best installed model that fits",
        ),
    ] = None,
    data: Data = None,
    split: Split = "test",
    step: Step = None,
    pictures: Annotated[int, Option(min=0, help="Patients to draw as .png too.")] = 4,
    device: Device = "auto",
    xray: Annotated[
        list[str] | None,
        Option(
            metavar="FILE@ANGLE",
            help="An X-ray of your own, in degrees or as pa, ap, left_lateral, right_lateral; "
            "a DICOM file that names its view needs no @ANGLE. Once a view.",
        ),
    ] = None,
    out: Annotated[
        Path | None, Option(help="Folder of the case; with --xray.", show_default="case")
    ] = None,
    strict: Annotated[bool, Option("--strict", help="Warnings on the X-rays are errors.")] = False,
    dicom: Annotated[bool, Option("--dicom", help="Also write a DICOM CT series.")] = False,
    turn: Annotated[
        Literal["given", "auto"],
        Option(help="auto: turn an X-ray that looks turned; given: only say so."),
    ] = "given",
    grey: Annotated[Grey, Option(help="What bright pixels mean; auto: header or look.")] = "auto",
    match: Annotated[Match, Option(help="How grey values are brought to the training's.")] = "auto",
    film_mm: Annotated[
        str,
        Option(
            help="True height of the films in mm: one for all, or one each by commas.",
            show_default="by pixel spacing",
        ),
    ] = "",
    source_mm: Annotated[
        str,
        Option(
            metavar="FILM[:AXIS]",
            help="Distance of the source from the film and from the patient's axis in mm, such as "
            "1800:1600; one for all films, or one each by commas.",
            show_default="the header's, else 1800:1600",
        ),
    ] = "",
    accept: Annotated[
        str,
        Option(
            help="What is taken as it is, by commas: axial-slice, refused else; heights, which "
            "say that films do not fit."
        ),
    ] = "",
    large_files: LargeFiles = False,
    engine: Annotated[
        EngineName,
        Option(
            help="What computes the network: torch (eager), what equals it within a tolerance, "
            "or auto: the fastest here."
        ),
    ] = "eager",
    uncalibrated: Annotated[
        bool,
        Option("--uncalibrated", help="Write raw quantiles where the run is not calibrated."),
    ] = False,
) -> None:
    """Write a volume for each patient of a split, or one for X-rays of your own (--xray).

    Patients: .mha in HU for viewers, .npy for scores. Own X-rays: a folder with volume.mha,
    volume.nii.gz, volume.npy, case.json. With a calibration also lower and upper volumes.
    """
    if not xray:
        told = {"film_mm": film_mm, "source_mm": source_mm, "accept": accept}
        _check_not_alone(out=out is not None, strict=strict, dicom=dicom, **told)
        run = with_patients(run)
        predict_patients(run, data, split, step, pictures, device, engine, raw=uncalibrated)
        return
    from repcat.commands.console import say
    from repcat.io.strangers.apart import start_child
    from repcat.startup.imports import importing

    start_child("repcat.radiographs.film_files:read")
    with importing():
        from repcat.inference.case import check_free
        from repcat.radiographs.exposure import Exposure
        from repcat.radiographs.options import Handling

    heights, sources = _heights(film_mm), tuple(map(Exposure.parse, words(source_mm)))
    how = Handling(
        grey=grey,
        match=match,
        height_mm=heights or None,
        exposure=sources or None,
        turn=turn,
        accept=frozenset(words(accept)),
    )
    out = out or Path("case")
    check_free(out)
    said = {"large": large_files, "raw": uncalibrated}
    case = _reconstruct(run, xray, step, device, how, engine, **said)
    if strict:
        case.check_no_warnings()
    replaced = out.exists() and any(out.iterdir())
    case.write(out, dicom=dicom)
    _tell(case, out)
    if replaced:
        say(f"{out}: took the place of the case that was there")


def _heights(text: str) -> tuple[float, ...]:
    from repcat.errors import DataError

    try:
        return tuple(float(word) for word in words(text))
    except ValueError:
        msg = f"--film-mm {text!r} is not numbers by commas; write for example 430 or 430,350"
        raise DataError(msg, code="not-numbers") from None


def _check_not_alone(**given: object) -> None:
    """Refuse options that say how films are taken where no film is given."""
    from repcat.errors import DataError

    if wrong := [f"--{name}".replace("_", "-") for name, there in given.items() if there]:
        msg = f"{', '.join(wrong)} goes with --xray FILE@ANGLE, which is missing"
        raise DataError(msg, code="option-without-xray")


def _reconstruct(
    run: Path | None,
    xrays: list[str],
    step: int | None,
    device: str,
    how: Handling,
    engine: EngineName,
    *,
    large: bool,
    raw: bool,
) -> Case:
    from repcat.commands.console import say
    from repcat.inference.load import load
    from repcat.inference.model_choice import choose_for
    from repcat.radiographs.cli_argument import Given
    from repcat.radiographs.read import read_film
    from repcat.radiographs.training_reference import FILE

    given = [Given.parse(text) for text in xrays]
    films, angles = [read_film(g.path, large=large) for g in given], [g.angle for g in given]
    if run is None:
        run, why = choose_for(films, angles)
        say(why)
    if not (run / FILE).is_file() and (run / "recipe.toml").is_file():
        say(f"looking at the training X-rays once; what they are like is kept in {run / FILE}")
    model = load(run, step=step, device=device, uncalibrated=raw)
    if engine != "eager":
        model, told = model.using(engine, films, angles, how)
        for line in told:
            say(line)
    return model.reconstruct(films, angles, how)


def _tell(case: Case, out: Path) -> None:
    """Say what was done to each film, what speaks against it, and where the volume is."""
    from repcat.commands.console import say

    rows = zip(case.views, case.films, case.said, case.agreement, strict=True)
    for view, film, said, row in rows:
        say(f"{film.label} -> {view.azimuth:g} degrees ({said})")
        for step in film.steps:
            say(f"  {step}")
        say(f"  reprojection: {row['psnr']:.1f} dB, NCC {row['ncc']:.3f}")
    for caution in case.cautions:
        say(f"warning: {caution.text}")
    if case.interval_note:
        say(f"intervals: {case.interval_note}" if case.interval else case.interval_note)
    for name, (value, low, high) in (case.interval.figures if case.interval else {}).items():
        span = "" if low is None or high is None else f", {low:.0f} to {high:.0f}"
        say(f"  {name}: {'not known' if value is None else f'{value:.0f}{span}'}")
    size = " x ".join(map(str, case.volume.shape))
    say(f"{out}: {size} voxels in HU, step {case.origin.step}; {SYNTHETIC}")
