"""Write docs/findings.md from docs/findings/page.md.jinja and the scores that `collect.py` kept.

    python docs/findings/generate.py

A test holds the page equal to what this writes. The template has the words; figures come from the
JSON files by `table`, `course`, `mean`, `versus` and `trained`, ranked as `repcat compare` does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from repcat.scoring.metric_info import COLUMNS
from repcat.scoring.score_table import Figures
from repcat.studies.ranking import Cell, Comparison, Measured, compare

HERE = Path(__file__).parent
PAGE, TEMPLATE = HERE.parent / "findings.md", "page.md.jinja"
MADE = "<!-- Written by docs/findings/generate.py: edit page.md.jinja beside it. -->\n"
NONE = "-"


def page() -> str:
    """Return the page."""
    words = Environment(
        loader=FileSystemLoader(HERE),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    known = (table, course, mean, versus, command, trained)
    return MADE + words.get_template(TEMPLATE).render({f.__name__: f for f in known})


def table(study: str, figures: Sequence[str], step: int = 0, rows: Sequence[str] = ()) -> str:
    """Return rows best first: means, difference to the best with its interval, each seed.

    `step` compares all runs at that step, 0 at the last that each was trained to, which the row
    then says. `rows` are all, unless named.
    """
    found, first = _ranked(study, step), figures[0]
    lines = [line for line in found.lines if not rows or _row(line.name) in rows]
    lines.sort(key=lambda line: -line.cells[first].mean)
    seeds = sorted({seed for row in _kept(study)["runs"].values() for seed in row})
    heads = ["row", *(COLUMNS[f].heading for f in figures), "to the best"]
    heads += [f"seed {seed}" for seed in seeds]
    body = [_pipe(heads), _pipe(["---"] * len(heads))]
    for line in lines:
        cells = [_cell(f, line.cells.get(f)) for f in figures]
        own = [_of_seed(study, line.name, seed, first) for seed in seeds]
        lead = line.cells[first].lead
        said = lead.lead(COLUMNS[first].digits) if lead else ""
        name = f"*{line.name}*" if line.kind == "baseline" else line.name
        body.append(_pipe([name, *cells, said, *own]))
    return "\n".join(body)


def course(study: str, quantity: str, rows: Sequence[str] = (), digits: int = 3) -> str:
    """Return a figure or a logged number at the steps that are scored, seed by seed."""
    runs = _kept(study)["runs"]
    steps = sorted({int(step) for row in runs.values() for seed in row.values() for step in seed})
    lines = [_pipe(["row", *(f"step {s:,}" for s in steps)]), _pipe(["---"] * (len(steps) + 1))]
    for name in (n for n in _kept(study)["rows"] if n in runs and (not rows or n in rows)):
        found = [_logged(runs[name], str(step), quantity) for step in steps]
        if any(found):
            cells = [" / ".join(f"{v:.{digits}g}" for v in values) or NONE for values in found]
            lines.append(_pipe([name, *cells]))
    return "\n".join(lines)


def mean(study: str, row: str, figure: str = "body_psnr", step: int = 0) -> str:
    """Return a row's mean over patients and seeds."""
    return _number(figure, _line(study, row, step).cells[figure].mean)


def versus(study: str, row: str, other: str, figure: str = "body_psnr", step: int = 0) -> str:
    """Return a row's difference to another, with its interval."""
    lines = [_line(study, name, step) for name in (row, other)]
    # ranked alone and told apart by name, the one that leads has the difference of the other
    found = compare("", "", "", [COLUMNS[figure]], lines)
    leads = {line.name: line.cells[figure].lead for line in found.lines}
    (loser,) = (name for name, lead in leads.items() if lead)
    lead = leads[loser]
    assert lead is not None
    sign, digits = (1 if loser == lines[0].name else -1), COLUMNS[figure].digits
    low, high = sorted((sign * lead.low, sign * lead.high))
    return f"{sign * lead.mean:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def command(study: str) -> str:
    """Return the command that makes the figures again."""
    return str(_kept(study)["command"])


def trained(study: str) -> str:
    """Say how many rows were trained, with how many seeds, and which were not."""
    kept = _kept(study)
    numbers = sorted({len(seeds) for seeds in kept["runs"].values()})
    without = [row for row in kept["rows"] if row not in kept["runs"]]
    seeds = " or ".join(map(str, numbers)) + (" seed" if numbers == [1] else " seeds")
    said = f"{len(kept['runs'])} of {len(kept['rows'])} rows are trained, with {seeds}"
    return f"{said}; not yet: {'; '.join(without)}" if without else said


@cache
def _kept(study: str) -> Any:  # noqa: ANN401  (what JSON holds)
    return json.loads((HERE / f"{study}.json").read_text(encoding="utf-8"))


def _ranked(study: str, step: int) -> Comparison:
    kept = _kept(study)
    rows = [_measured(kept, name, step) for name in kept["rows"] if name in kept["runs"]]
    rows += [
        Measured(name, "baseline", (_figures(kept, found),))
        for name, found in kept["baselines"].items()
    ]
    columns = [COLUMNS[name] for name in COLUMNS if any(_has(row, name) for row in rows)]
    there = [row for row in rows if row.seeds]
    return compare(kept["title"], kept["protocol"], kept["dataset"], columns, there)


def _measured(kept: Any, name: str, step: int) -> Measured:  # noqa: ANN401
    """Return a row at a step, of all seeds that have it; at their last common one for 0."""
    seeds = kept["runs"][name].values()
    common = set.intersection(*(set(map(int, seed)) for seed in seeds))
    at = step or max(common)
    scores = [seed[str(at)]["scores"] for seed in seeds if str(at) in seed]
    return Measured(f"{name}, step {at:,}", "model", tuple(_figures(kept, s) for s in scores))


def _figures(kept: Any, scores: Mapping[str, Sequence[float | None]]) -> Figures:  # noqa: ANN401
    return {
        patient: {f: _value(values[n]) for f, values in scores.items()}
        for n, patient in enumerate(kept["patients"])
    }


def _has(row: Measured, figure: str) -> bool:
    return any(figure in own for seed in row.seeds for own in seed.values())


def _line(study: str, row: str, step: int) -> Measured:
    (found,) = (line for line in _ranked(study, step).lines if row in (line.name, _row(line.name)))
    return found


def _row(name: str) -> str:
    return name.partition(", step ")[0]


def _of_seed(study: str, name: str, seed: str, figure: str) -> str:
    row, _, step = name.partition(", step ")
    runs = _kept(study)["runs"].get(row, {})
    found = runs.get(seed, {}).get(step.replace(",", ""))
    if not found:
        return NONE
    values = [_value(v) for v in found["scores"][figure]]
    return _number(figure, sum(values) / len(values))


def _logged(row: Any, step: str, quantity: str) -> list[float]:  # noqa: ANN401
    found = [seed[step] for seed in row.values() if step in seed]
    logged = [one["log"].get(quantity) for one in found]
    scored = [one["scores"].get(quantity) for one in found]
    means = [math.fsum(map(_value, v)) / len(v) if v else None for v in scored]
    return [v for pair in zip(logged, means, strict=True) for v in pair if v is not None]


def _cell(figure: str, cell: Cell | None) -> str:
    if cell is None:
        return NONE
    sd = "" if math.isnan(cell.sd) else f" ± {_number(figure, cell.sd)}"
    return f"{_number(figure, cell.mean)}{sd}"


def _value(kept: float | None) -> float:
    return math.nan if kept is None else kept


def _number(figure: str, value: float) -> str:
    return f"{value:.{COLUMNS[figure].digits}f}" if math.isfinite(value) else NONE


def _pipe(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
