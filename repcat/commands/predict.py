"""`repcat predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def predict(
    run: Annotated[Path, typer.Argument(help="Directory of a trained run.")],
    data: Annotated[
        Path | None,
        typer.Option(
            help="A dataset that `repcat prepare` wrote.", show_default="the one of the recipe"
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    step: Annotated[
        int | None, typer.Option(help="Checkpoint to use.", show_default="the last")
    ] = None,
    pictures: Annotated[int, typer.Option(min=0, help="Patients to draw as .png too.")] = 4,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
) -> None:
    """Write a volume for each patient of a split: .mha in HU for viewers, .npy for scores."""
    from repcat import predict as prediction
    from repcat.console import progress, say
    from repcat.device import choose

    job = prediction.open_job(run, data, split, step, choose(device))
    with progress("patients") as bar:
        task = bar.add_task("predicting", total=len(job.ids), note="")
        for patient in prediction.write_all(job, pictures):
            bar.update(task, advance=1, note=patient)
    kind = "averaged" if job.predictor.averaged else "trained"
    say(
        f"{job.folder}: {len(job.ids)} patients of {job.patients.name}, split {split}, {kind} "
        f"weights of step {job.predictor.step}; synthetic, research use only"
    )
    say(f"next: repcat evaluate {run}" + (f" --data {data}" if data else ""))
