"""`repcat recipes`: what comes with repcat to train, to compare and to change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Context, Option, Typer

app = Typer(invoke_without_command=True)
USE = {
    "recipe": "recipes, for repcat train NAME",
    "study": "studies, for repcat compare NAME",
    "setting": "settings, for --set @NAME",
}


@app.callback()
def recipes(context: Context) -> None:
    """List the recipes, studies and settings that come with repcat, by name."""
    from repcat.commands.console import say
    from repcat.config.shipped import KINDS, about, names

    if context.invoked_subcommand:
        return
    for kind in KINDS:
        say(USE[kind])
        for name, file in names(kind).items():
            say(f"  {name:<30} {about(file)[0]}")
    say("to read or edit one: repcat recipes copy NAME")


@app.command()
def copy(
    name: Annotated[str, Argument(help="A name that `repcat recipes` lists.")],
    to: Annotated[Path, Option(help="Folder to write it into.")] = Path(),
) -> None:
    """Write one to edit; what it extends stays the one that comes with repcat."""
    from repcat.commands.console import say
    from repcat.config import shipped

    say(f"{shipped.copy(name, to)}: yours to change; a command takes its path")
