"""`repcat metrics`: protocols of scoring, their scales, and the score of a saved volume."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option, Typer, echo

from repcat.commands.options import Json
from repcat.commands.parse_lists import words
from repcat.scoring import DEFAULT_PROTOCOLS

app = Typer(help="Protocols of scoring: list, convert published figures, score a volume.")

_FILE = "CT volume in HU: .mha, .nii.gz, any format SimpleITK reads, or .npy (D, H, W)."


@app.command("list")
def list_protocols(as_json: Json = False) -> None:
    """Show the protocols: window, range, slicing, clipping, and what their PSNR adds."""
    from repcat.commands.console import out
    from repcat.registry.plugins import load_parts
    from repcat.report.tables.protocols import as_dicts, protocol_table
    from repcat.scoring.protocols import protocols

    parts = load_parts()
    found = protocols(list(parts.protocols.parts), parts)
    if as_json:
        out.print_json(data=as_dicts(found))
    else:
        out.print(protocol_table(found))


@app.command()
def convert(
    figure: Annotated[float, Argument(help="PSNR in dB, as printed somewhere.")],
    source: Annotated[str, Option("--from", help="Protocol that made the figure.")],
    target: Annotated[str, Option("--to", help="Protocol to bring it to.")] = "standard",
) -> None:
    """Bring a published PSNR to another protocol's range, and say why and what is left."""
    from repcat.registry.plugins import load_parts
    from repcat.scoring.conversion import convert as bring

    conversion = bring(figure, source, target, load_parts())
    echo(f"{conversion.result:.1f} dB on the scale of {target}")
    for line in conversion.why:
        echo(f"  {line}")
    if conversion.not_undone:
        echo("What this cannot undo:")
    for line in conversion.not_undone:
        echo(f"  {line}")


@app.command()
def score(
    truth: Annotated[Path, Argument(help=_FILE)],
    prediction: Annotated[Path, Argument(help=_FILE)],
    names: Annotated[str, Option("--protocol", help="Protocols, by commas.")] = ",".join(
        DEFAULT_PROTOCOLS
    ),
    window: Annotated[
        tuple[float, float], Option(help="HU of 0 and 1 in the standard protocol.")
    ] = (-1000.0, 1000.0),
    as_json: Json = False,
) -> None:
    """Score one saved volume against the true one, voxel by voxel, on one grid."""
    from repcat.commands.console import out
    from repcat.registry.plugins import load_parts
    from repcat.report.tables.protocols import figure_table
    from repcat.scoring.evaluate import score_files
    from repcat.scoring.protocols import protocols
    from repcat.types import Window

    rules = protocols(words(names), load_parts())
    found = score_files(truth, prediction, rules, Window(*window))
    if as_json:
        out.print_json(data=found)
        return
    for rule in rules:
        out.print(figure_table(rule, found[rule.name]))
