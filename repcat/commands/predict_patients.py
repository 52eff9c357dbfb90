"""`repcat predict RUN`: a volume for each patient of a split."""

from __future__ import annotations

from pathlib import Path

from repcat.inference.engine.kinds import EngineName
from repcat.io.notice import SYNTHETIC


def with_patients(run: Path | None) -> Path:
    """Refuse what has no patients to predict: nothing named, or a model without its dataset."""
    from repcat.errors import RunError
    from repcat.startup.imports import importing

    with importing():
        from repcat.inference.exported import is_exported
        from repcat.inference.installed import find_model

    if run is None:
        msg = "RUN is missing: name a run, or give X-rays of your own with --xray FILE@ANGLE"
        raise RunError(msg, code="no-run-named")
    if is_exported(find_model(run)) and not (run / "checkpoints").is_dir():
        msg = (
            f"{run} is a model without its patients: give X-rays with --xray FILE@ANGLE, or make "
            f"its figures again with: repcat models verify {run}"
        )
        raise RunError(msg, code="model-without-patients")
    return run


def predict_patients(
    run: Path,
    data: Path | None,
    split: str,
    step: int | None,
    pictures: int,
    device: str,
    engine: EngineName,
    *,
    raw: bool,
) -> None:
    """Predict the patients of a split, and say what was written and what comes next."""
    from repcat.commands.console import progress, say
    from repcat.startup.imports import importing

    with importing():
        from repcat.device import choose
        from repcat.inference import job as prediction
        from repcat.runs.saved_predictions import drop_others

    job = prediction.open_job(run, data, split, step, choose(device), engine, raw=raw)
    for line in job.told:
        say(line)
    name = job.patients.name
    if count := drop_others(job.folder, job.patients):
        volumes = f"{count} volume{'s' * (count != 1)} of other scans"
        say(f"{job.folder}: deleted {volumes} that were in a dataset {name}")
    with progress("patients") as bar:
        task = bar.add_task("predicting", total=len(job.ids), note="")
        for patient in prediction.write_all(job, pictures):
            bar.update(task, advance=1, note=patient)
    kind = "averaged" if job.predictor.averaged else "trained"
    say(
        f"{job.folder}: {len(job.ids)} patients of {name}, split {split}, {kind} "
        f"weights of step {job.predictor.step}; {SYNTHETIC}"
    )
    words = (f" --data {data}" if data else "") + ("" if split == "test" else f" --split {split}")
    say(f"next: repcat evaluate {run}{words}")
