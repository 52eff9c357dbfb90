"""`repcat calibrate`: how wide a run's intervals must be, found on its validation patients."""

from __future__ import annotations

from typing import Annotated, Literal

from typer import Option

from repcat.commands.options import Data, Device, Run, Step


def calibrate(  # noqa: PLR0913  (one parameter an option of the command line)
    run: Run,
    data: Data = None,
    alpha: Annotated[
        float, Option(help="Mean share of a patient's voxels that may be missed.")
    ] = 0.1,
    delta: Annotated[float, Option(help="Chance that it is more all the same.")] = 0.1,
    where: Annotated[
        Literal["body", "volume"], Option(help="Which voxels count: the body's, or all.")
    ] = "body",
    bound: Annotated[
        Literal["hoeffding-bentkus", "betting"],
        Option(help="How the risk is bounded; betting: narrower, from some 30 patients on."),
    ] = "hoeffding-bentkus",
    split: Annotated[str, Option(help="validation; never test.")] = "validation",
    step: Step = None,
    device: Device = "auto",
) -> None:
    """Find the factor by which a run's quantiles cover, with a guarantee over patients.

    Writes RUN/calibration.json, from which `repcat predict` makes a lower and an upper volume.
    """
    from repcat.commands.console import say, stages
    from repcat.startup.imports import importing

    with importing():
        from repcat.analysis.calibrate import Asked, calibrate_run
        from repcat.device import choose
        from repcat.registry.plugins import load_parts
        from repcat.runs.run import Run

    opened = Run.open(run)
    with stages("patients") as advance:
        asked = Asked(alpha, delta, split, where, bound, step, choose(device), advance)
        found, file = calibrate_run(opened, load_parts(), asked, data)
    for entry in found.factors:
        views = f"{entry['views']} view{'s' * (entry['views'] != 1)}"
        say(
            f"{views}: factor {entry['factor']:.3g}, {entry['missed']:.3f} missed on average, "
            f"{entry['worst']:.3f} in the worst patient; the risk is at most {entry['bound']:.3f}"
        )
        for name, sides in entry["figures"].items():
            words = "too few patients for an interval"
            if sides:
                words = f"the truth lies from {-sides[0]:+.0f} to {sides[1]:+.0f} of it"
            say(f"  {name}: {words}")
    say(f"{file}: intervals hold {found.promise}")
    say(f"next: repcat predict {run}")
