"""Keep what a study's runs scored and logged, for docs/findings.md to be made of.

    repcat compare transport --train                       # into runs/studies/transport
    python docs/findings/collect.py transport runs/studies/transport
    python docs/findings/generate.py

Adds to docs/findings/STUDY.json: of every scored run each patient's figures and, of its log, the
numbers at the steps that are scored. No weights, no volumes. Runs that were kept before and are not
in the folder stay, so that a study of many hours may be trained in parts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from repcat.config.shipped import find
from repcat.errors import DataError
from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts
from repcat.scoring.score_file import score_path
from repcat.scoring.score_table import Figures, check_scores, read_scores
from repcat.scoring.summary import MODEL
from repcat.studies.runner import Plan, make_plan
from repcat.studies.status import StudyRun, stage_of
from repcat.version import __version__

HERE = Path(__file__).parent
Kept = dict[str, Any]


def collect(study: Path, runs: Path, settings: Sequence[str], parts: Parts) -> Kept:
    """Return the scores and logs of a study's runs: row, seed, step."""
    plan = make_plan(study, runs, settings, (), parts)
    words = "".join(f" --set '{setting}'" for setting in settings)
    head = {
        "title": plan.study.title,
        "command": f"repcat compare {study.stem} --train{words}",
        "protocol": plan.study.protocol,
        "rows": [row.name for row in plan.study.rows],
    }
    kept: Kept = head | {"patients": [], "baselines": {}, "runs": {}}
    for one in _scored(plan):
        _keep(kept, one, plan)
    return kept


def _scored(plan: Plan) -> Iterator[StudyRun]:
    place = plan.places[0]
    for one in plan.runs:
        if stage_of(one, place, plan.protocols, plan.parts) == "scored":
            yield one


def _keep(kept: Kept, one: StudyRun, plan: Plan) -> None:
    dataset = open_patients(one.recipe, plan.parts, plan.places[0].path)
    path = score_path(one.scored, dataset.name, plan.study.protocol)
    check_scores(path)
    methods, metrics = read_scores(path), plan.study.metrics
    kept["dataset"], kept["note"] = dataset.name, dataset.note
    kept["patients"] = list(methods[MODEL])
    for name in methods.keys() - {MODEL}:
        kept["baselines"][name] = _columns(methods[name], metrics)
    row = kept["runs"].setdefault(one.variant.row.name, {})
    row.setdefault(str(one.seed), {})[str(one.last)] = {
        "repcat": __version__,
        "scores": _columns(methods[MODEL], metrics),
        "log": dict(_at(one.run.records(), one.last)),
    }


def _columns(figures: Figures, metrics: Sequence[str]) -> dict[str, list[float | None]]:
    """Return each figure of the patients in their order."""
    known = [name for name in metrics if all(name in own for own in figures.values())]
    return {name: [_short(own[name]) for own in figures.values()] for name in known}


def _at(records: Sequence[dict[str, Any]], step: int) -> Iterator[tuple[str, float | None]]:
    for record in (r for r in records if r["step"] == step):
        for name, value in record.items():
            if name != "step":
                yield name, _short(value)


def _short(value: float) -> float | None:
    """Round to five digits; JSON has no NaN."""
    return float(f"{value:.5g}") if abs(value) < float("inf") else None


def merge(old: Kept, new: Kept) -> Kept:
    """Add newly scored runs to those kept; a run that is in both is the new one.

    Raises:
        DataError: where the two were scored on other patients or by another protocol.
    """
    for name in ("protocol", "dataset", "patients", "baselines"):
        if old[name] != new[name] and new["runs"]:
            msg = f"{name} of the runs kept and of those trained now differ; keep one study a file"
            raise DataError(msg, code="other-patients")
    runs = {row: dict(seeds) for row, seeds in old["runs"].items() if row in new["rows"]}
    for row, seeds in new["runs"].items():
        own = runs.setdefault(row, {})
        for seed, steps in seeds.items():
            own[seed] = own.get(seed, {}) | steps
    return old | new | {"runs": runs} if new["runs"] else old


def main(words: Sequence[str] | None = None) -> None:
    """Write one study's file."""
    say = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    say.add_argument("study", help="study, file or name")
    say.add_argument("runs", type=Path, help="the --out of its runs")
    say.add_argument("--set", action="append", default=[], help="as they were trained")
    asked = say.parse_args(words)
    study = find(Path(asked.study), "study")
    file, found = HERE / f"{study.stem}.json", collect(study, asked.runs, asked.set, load_parts())
    if file.is_file():
        found = merge(json.loads(file.read_text(encoding="utf-8")), found)
    file.write_text(compact(found), encoding="utf-8")


def compact(kept: Kept) -> str:
    """Write JSON with one line for each run's step, so that changes can be read."""
    text = json.dumps(kept | {"runs": "RUNS"}, ensure_ascii=False, separators=(",", ":"))
    lines = [
        f'"{row}":{{'
        + ",\n".join(
            f'"{seed}":{{'
            + ",\n".join(
                f'"{step}":{json.dumps(one, separators=(",", ":"))}' for step, one in steps.items()
            )
            + "}"
            for seed, steps in seeds.items()
        )
        + "}"
        for row, seeds in kept["runs"].items()
    ]
    return text.replace('"RUNS"', "{" + ",\n".join(lines) + "}") + "\n"


if __name__ == "__main__":
    main()
