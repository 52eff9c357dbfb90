"""Scores of a model card: the model beside what costs nothing to predict."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from repcat.errors import RunError
from repcat.inference.model_record import FIGURE, StatedScores
from repcat.registry.parts import Parts
from repcat.runs.run import Run
from repcat.runs.saved_predictions import engine_words
from repcat.scoring.intervals import bootstrap, paired, span_of
from repcat.scoring.metric_info import Column, column, interval_text
from repcat.scoring.protocols import Protocol, protocol
from repcat.scoring.score_file import ScoreFile
from repcat.scoring.score_table import Figures, check_scores, read_scores
from repcat.scoring.summary import MODEL
from repcat.studies.collect import tables_of


def scores_text(run: Run, step: int, parts: Parts) -> str:
    """Write every table of these weights in Markdown, or say why there is none.

    Raises:
        RunError: where a table does not belong to the run, with the command that mends it.
    """
    try:
        files = tables_of(run, parts)
    except RunError:
        return (
            "None: this model was not evaluated when it was exported, so nothing is known of how "
            "well it does. `repcat predict RUN` and `repcat evaluate RUN` score a run beside "
            "trivial baselines; exporting it again writes them here.\n"
        )
    steps = {file: check_scores(file).step for file in files.values()}
    texts = [
        _table(dataset, protocol(name, parts), file)
        for (dataset, name), file in files.items()
        if steps[file] == step
    ]
    return "\n".join(texts) or (
        f"None here: these are the weights of step {step}, and the run's scores are those of "
        f"step {', '.join(sorted({str(s) for s in steps.values()}))}.\n"
    )


def stated_scores(run: Run, step: int, parts: Parts) -> list[StatedScores]:
    """Return the tables of these weights as a record keeps them, of the run's own dataset first.

    Raises:
        RunError: as `scores_text` does.
    """
    try:
        files = list(tables_of(run, parts).values())
    except RunError:
        return []
    own = run.provenance().get("dataset")
    files.sort(key=lambda file: ScoreFile.parse(file).dataset != own)
    return [_stated(file, parts) for file in files if check_scores(file).step == step]


def _stated(file: Path, parts: Parts) -> StatedScores:
    name, record, methods = ScoreFile.parse(file), check_scores(file), read_scores(file)
    shown = protocol(name.protocol, parts).shown
    given = [f for f in shown if f in next(iter(methods[MODEL].values()))]
    spread = (
        bootstrap([row[FIGURE] for row in methods[MODEL].values()]) if FIGURE in given else None
    )
    ends = [spread.low, spread.high] if spread and math.isfinite(spread.low) else []
    return StatedScores(
        dataset=name.dataset,
        fingerprint=record.fingerprint,
        split=name.split,
        protocol=name.protocol,
        patients=len(methods[MODEL]),
        views=record.views,
        means={method: _means(rows, given) for method, rows in methods.items()},
        interval=ends,
        is_range=bool(spread and spread.is_range),
    )


def _means(rows: Mapping[str, Mapping[str, float]], figures: Sequence[str]) -> dict[str, float]:
    """Return the means that are finite, as JSON has no others."""
    found = {f: bootstrap([row[f] for row in rows.values()]).mean for f in figures}
    return {f: mean for f, mean in found.items() if math.isfinite(mean)}


def _table(dataset: str, by: Protocol, file: Path) -> str:
    methods = read_scores(file)
    given = next(iter(methods[MODEL].values()))
    figures = [by.column(f) for f in by.shown if f in given]
    words = engine_words(check_scores(file).engine)
    engine = f" Predicted {words}." if words else ""
    lines = [
        f"### Dataset {dataset}, protocol {by.name}, {len(methods[MODEL])} patients",
        "",
        f"Window: {by.window}. PSNR: {by.psnr}. SSIM: {by.ssim}.{engine}",
        "",
        "| method | " + " | ".join(f.arrow for f in figures) + " |",
        "|---|" + "---|" * len(figures),
        *(_row(name, methods[name], figures) for name in methods),
        "",
        f"Mean ± standard deviation between patients, then {span_of(len(methods[MODEL]))}.",
        "",
        *_leads(methods),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, patients: Figures, figures: list[Column]) -> str:
    cells = []
    for figure in figures:
        interval = bootstrap([patients[p][figure.name] for p in patients])
        first, *rest = interval_text(interval, figure).split("\n")
        cells.append(first + "".join(f" [{text}]" for text in rest))
    bold = "**" if name == MODEL else ""
    return f"| {bold}{name}{bold} | " + " | ".join(cells) + " |"


def _leads(methods: Mapping[str, Figures]) -> Iterator[str]:
    """Say by how much the model leads what costs nothing, by PSNR of the body where it is there."""
    ours = methods[MODEL]
    figure = "body_psnr" if "body_psnr" in next(iter(ours.values())) else "psnr"
    for name, theirs in methods.items():
        if name == MODEL or "oracle" in name:
            continue
        lead = paired([ours[p][figure] for p in ours], [theirs[p][figure] for p in ours])
        yield f"- model minus {name}, {column(figure).heading}: {lead.lead(2)}{lead.verdict}"
