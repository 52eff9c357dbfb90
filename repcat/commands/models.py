"""`repcat models`: models that are installed, to predict with, to add to and to take away from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Context, Option, Typer

from repcat.commands.options import Data, Device, Json

if TYPE_CHECKING:
    from repcat.inference.model_choice import Described

app = Typer(invoke_without_command=True)
Name = Annotated[str, Argument(help="A model that `repcat models` lists.")]


@app.callback()
def models(context: Context, as_json: Json = False) -> None:
    """List the installed models: what each takes and gives, its data, licence and figures."""
    if context.invoked_subcommand:
        return
    from repcat.commands.console import err, out, say
    from repcat.inference.installed import models_folder
    from repcat.inference.model_choice import Shelf
    from repcat.registry.plugins import load_parts

    shelf = Shelf.look(load_parts())
    if as_json:
        cannot = [{"name": m.name, "source": m.source, "why": m.why_not} for m in shelf.unusable]
        empty = [{"source": one.source, "why": one.reason} for one in shelf.empty]
        found = [_facts(one) for one in shelf.usable]
        out.print_json(data={"models": found, "unusable": cannot, "empty": empty})
        return
    for one in shelf.usable:
        for line in _lines(one):
            say(line)
    if not shelf.usable:
        say("no model is installed that can be used; pip install repcat-weights, or add your own")
    for model in shelf.unusable:
        err.print(f"cannot be used: {model}: {model.why_not}", style="yellow", markup=False)
    for source in shelf.empty:
        err.print(
            f"without a model: {source.source}: {source.reason}", style="yellow", markup=False
        )
    say(f"to predict: repcat predict --xray FILE@ANGLE ...; yours are in {models_folder()}")


def _facts(one: Described) -> dict[str, Any]:
    """Return what JSON says of a model."""
    return {
        "name": one.model.name,
        "source": one.model.source,
        "folder": str(one.model.folder),
        "views": [str(view) for view in one.recipe.views],
        "any_views": one.any_views,
        "size": one.recipe.data.size,
        "voxel_mm": list(one.geometry.voxel_mm),
        "data": one.record.data,
        "licence": one.record.licence,
        "repcat": one.record.repcat,
        "half": one.record.half,
        "scores": one.record.scores,
    }


def _lines(one: Described) -> list[str]:
    from repcat.inference.model_choice import score_words

    size, mm = one.recipe.data.size, " x ".join(f"{side:.3g}" for side in one.geometry.voxel_mm)
    scores = [score_words(table) for table in one.record.stated if table.mean("model") is not None]
    mb = sum(file.stat().st_size for file in one.model.folder.iterdir()) / 1e6
    return [
        f"{one.model.name}  ({one.model.source})",
        f"  takes    {one.takes}",
        f"  gives    {size} x {size} x {size} voxels of {mm} mm",
        f"  data     {one.record.data}",
        f"  licence  {one.record.licence}",
        *(f"  scored   {words}" for words in scores or ["no figures stated"]),
        f"  lies in  {one.model.folder} ({mb:.1f} MB)",
    ]


@app.command()
def add(
    path: Annotated[Path, Argument(help="A run, or a folder that `repcat export` wrote.")],
    name: Annotated[
        str, Option(help="What it is to be called.", show_default="the run's or folder's name")
    ] = "",
) -> None:
    """Install a model for yourself: copied, checked, found by `repcat predict --xray`."""
    from repcat.commands.console import say
    from repcat.export.install import install
    from repcat.startup.imports import importing

    with importing():
        folder = install(path, name)
    say(f"{folder}: installed; repcat predict --xray FILE@ANGLE ... finds it")


@app.command()
def remove(name: Name) -> None:
    """Delete a model that you added; what pip brought, pip takes away."""
    from repcat.commands.console import say
    from repcat.inference.installed import remove_model

    say(f"{remove_model(name)}: deleted")


@app.command()
def verify(name: Name, data: Data = None, device: Device = "auto") -> None:
    """Predict and score again, and hold the figures against those that the model states."""
    from repcat.commands.console import say, stages
    from repcat.device import choose
    from repcat.registry.plugins import load_parts
    from repcat.verify.model import check_repeated, verify_model

    with stages("patients") as advance:
        found = list(verify_model(Path(name), load_parts(), choose(device), data, advance))
    for one in found:
        say(str(one))
    check_repeated(name, found)
