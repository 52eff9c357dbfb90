"""`repcat new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def new(
    kind: Annotated[
        str, Argument(help="dataset, mapper, backbone, objective, projector, metric or protocol.")
    ],
    name: Annotated[str, Argument(help="The part's name: small letters, digits, _.")],
    out: Annotated[Path | None, Option(help="New folder.", show_default="./repcat-NAME")] = None,
) -> None:
    """Write a distribution with one working part, its test and its README, to start from."""
    from repcat.commands.console import say
    from repcat.registry.plugins import load_parts
    from repcat.scaffold.scaffold import write

    folder = write(kind, name, out, load_parts())
    say(f"{folder}: a working {kind.removesuffix('s')} {name!r} in repcat_{name}.py; next:")
    say(f"  pip install -e {folder}")
    say(f"  repcat check {name}")
