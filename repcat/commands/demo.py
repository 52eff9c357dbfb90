"""`repcat demo`: the whole path once, on procedural chests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from repcat.commands.evaluate import evaluate
from repcat.commands.options import Settings
from repcat.commands.predict import predict
from repcat.commands.report import report
from repcat.commands.train import train

NEXT = """
Look at:   {out}/report.html, {out}/pictures, {out}/predictions (.mha opens in 3D Slicer)
Try next:  repcat train quickstart --out runs/longer --set 'train.steps = 2000'
           repcat train quickstart --out runs/one_view --set 'data.views = [0.0]'
           repcat prepare FOLDER_OF_CT --out data/mine --size 64     (your own scans)
           repcat recipes                                            (what else can be trained)"""


def demo(
    out: Annotated[Path, Option(help="Directory of the run.")] = Path("runs/quickstart"),
    settings: Settings = None,
) -> None:
    """Train the quickstart, predict, score, report: 6 to 7 minutes on two cores, no data.

    Stopped, the same command goes on where it was.
    """
    from repcat.commands.console import say
    from repcat.config.shipped import folder
    from repcat.runs.run import Run

    begun = Run(out).recipe_file.exists()
    train(folder() / "quickstart.toml", out, settings, resume=begun)
    predict(out)
    evaluate(out)
    report(out)
    say(NEXT.format(out=out))
