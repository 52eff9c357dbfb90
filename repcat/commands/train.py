"""`repcat train`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from repcat.commands.options import Device, Settings

if TYPE_CHECKING:
    from repcat.runs.run import Run
    from repcat.training.session import Session


def train(
    recipe: Annotated[Path, Argument(help="A TOML file, or a name that `repcat recipes` lists.")],
    out: Annotated[
        Path | None, Option(help="Directory of the run.", show_default="runs/<recipe>")
    ] = None,
    settings: Settings = None,
    resume: Annotated[bool, Option("--resume", help="Go on from the last checkpoint.")] = False,
    warm: Annotated[
        Path | None,
        Option(
            "--from",
            help="Begin with the weights of this run, part by part, as far as they fit.",
            show_default=False,
        ),
    ] = None,
    deterministic: Annotated[
        bool,
        Option("--deterministic", help="The same bits on a GPU too, or an error that says why."),
    ] = False,
    device: Device = "auto",
) -> None:
    """Train what a recipe says; stopped or killed, it goes on with --resume."""
    from repcat.commands.console import say
    from repcat.startup.imports import importing

    with importing():
        from repcat import device as devices
        from repcat.arithmetic import Arithmetic
        from repcat.config.shipped import find
        from repcat.errors import RunError
        from repcat.io.lock import one_writer
        from repcat.registry.plugins import load_parts
        from repcat.training.begin import resume as resume_run
        from repcat.training.begin import start
        from repcat.training.fit import is_finished

    recipe = find(recipe, "recipe")
    out = out or Path("runs") / recipe.stem
    how = Arithmetic.chosen(deterministic=deterministic)
    if resume and warm:
        msg = "--resume goes on with a run's own weights; leave out --from"
        raise RunError(msg, code="resume-from")
    begin = partial(resume_run if resume else partial(start, warm=warm), arithmetic=how)
    on = devices.choose(device)
    with one_writer(out):
        session, run = begin(recipe, out, settings or [], on, load_parts())
        weights = sum(p.numel() for p in session.network.parameters())
        patients = session.cache.patients
        say(
            f"{out}: {session.recipe.backbone.use} ({weights / 1e6:.1f} M weights), "
            f"{session.recipe.objective.use}, {len(patients.ids('train'))} training patients of "
            f"{patients.name}, {devices.describe(on)}"
        )
        _tell_precision(session, run)
        _tell_warm_start(run, resume)
        if is_finished(session, run):
            say(f"already at step {session.step}; raise it with --set 'train.steps = ...'")
            return
        _run(session, run)
        say(f"trained to step {session.step}; next: repcat predict {out}")


def _tell_precision(session: Session, run: Run) -> None:
    """Say what precision `auto` came to, and where the asked one is slow."""
    from repcat.commands.console import say
    from repcat.training.auto_precision import is_in_hardware

    if why := run.provenance().get("precision"):
        say(f"train.precision = 'auto': {why}")
    elif session.recipe.train.precision == "bf16" and not is_in_hardware(session.device):
        say(
            "bf16 is emulated on this processor, no faster than fp32; "
            "train.precision = 'auto' takes what is faster; docs/messages.md#bf16-on-a-cpu"
        )


def _tell_warm_start(run: Run, resumed: bool) -> None:
    """Say what a run that begins has of another."""
    from repcat.commands.console import say
    from repcat.training.warm_start import WarmStart

    if not resumed and (kept := run.provenance().get("from")):
        for line in WarmStart(**kept).lines():
            say(line)


def _run(session: Session, run: Run) -> None:
    """Train under a progress bar."""
    from repcat.commands.console import progress, say
    from repcat.runs.provenance import elsewhere
    from repcat.training.fit import fit

    if not session.cache.patients.ids("validation"):
        say("no validation patients: nothing watches this training but its own loss")
    if session.step >= session.recipe.train.steps:
        say(f"at step {session.step}; what was cut off after it is made up for")
    with progress("steps") as bar:
        for line in elsewhere(run.provenance()):
            bar.console.print(line, markup=False)
        steps = session.recipe.train.steps
        task = bar.add_task("training", total=steps, completed=session.step, note="")
        fit(
            session,
            run,
            lambda step, note: bar.update(task, completed=step, note=note),
            lambda line: bar.console.print(line, markup=False),
        )
