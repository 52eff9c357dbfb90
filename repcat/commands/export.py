"""`repcat export`: a trained run for others to use, each copy checked against the run's network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from repcat.commands.options import Data, Run, Step
from repcat.io.notice import SYNTHETIC


def export(  # noqa: PLR0913  (one parameter an option of the command line)
    run: Run,
    onnx: Annotated[bool, Option("--onnx", help="model.onnx; extra 'onnx'.")] = False,
    torch: Annotated[bool, Option("--torch", help="model.pt2 of torch.export.")] = False,
    monai: Annotated[bool, Option("--monai-bundle", help="A MONAI bundle.")] = False,
    step: Step = None,
    out: Annotated[
        Path | None, Option(help="Folder to write, a new one.", show_default="RUN/export/FORMAT")
    ] = None,
    data: Data = None,
    run_it: Annotated[
        bool, Option("--run", help="With --onnx: reconstruct the split by onnxruntime.")
    ] = False,
    half: Annotated[
        bool, Option("--half", help="Of a hub folder: weights in half precision.")
    ] = False,
    licence: Annotated[
        str,
        Option(help="Of a hub folder: the weights' licence.", show_default="not stated"),
    ] = "",
) -> None:
    """Write a folder for a model hub: model.safetensors, recipe.toml, geometry.json, model card.

    Or one other format. What was written is compared with the run's own network on real X-rays of
    its dataset; above 1e-4 of the window, in half precision 1e-2, nothing is written.
    """
    from repcat.commands.console import say
    from repcat.errors import RepcatError
    from repcat.export.formats import export_run

    asked = [k for k, given in (("onnx", onnx), ("torch", torch), ("monai", monai)) if given]
    if len(asked) > 1:
        msg = "one format at a time: --onnx, --torch or --monai-bundle; none of them for a hub"
        raise RepcatError(msg, code="one-format")
    kind = asked[0] if asked else "hub"
    told = {"run": run_it, "half": half}
    done = export_run(run, kind, out=out, data=data, step=step, licence=licence, **told)
    for line in done.lines:
        say(line)
    say(f"{done.folder}: {SYNTHETIC}")
