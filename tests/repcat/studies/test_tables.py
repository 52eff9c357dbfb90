"""Ranking: who is best, how surely, and what is never put in one table."""

import json
from dataclasses import replace

import pytest

from repcat.errors import DataError, RunError
from repcat.report.tables.comparison import caption, grid, headings
from repcat.runs.checkpoint import State, weights_hash
from repcat.runs.run import Run
from repcat.scoring.intervals import paired
from repcat.scoring.metric_info import COLUMNS
from repcat.scoring.score_table import read_scores
from repcat.studies.ranking import Budget, Measured, compare
from repcat.studies.tables import run_tables

FIGURES = (COLUMNS["psnr"], COLUMNS["mse"])
RECIPE = """
data = {{use = "blobs", size = {size}}}
mapper.use = "repeat_concat"
backbone = {{use = "unet", channels = [4, 8], res_units = 1}}
objective.use = "l2"
"""


def figures(*psnr):
    return {f"p{n}": {"psnr": v, "mse": 1 / v} for n, v in enumerate(psnr)}


def measured(name, *seeds, kind="model"):
    return Measured(name, kind, tuple(figures(*s) for s in seeds))


def cells(rows, figure="psnr"):
    table = compare("t", "standard", "d", FIGURES, rows)
    return {line.name: line.cells[figure] for line in table.lines}


def test_best_and_second_are_of_the_models_alone():
    rows = [measured("a", [20, 22]), measured("b", [24, 25]), measured("c", [10, 10])]
    found = cells([*rows, measured("mean volume", [30, 30], kind="baseline")])
    assert {k: v.place for k, v in found.items()} == {"a": 2, "b": 1, "c": 0, "mean volume": 0}


def test_an_error_is_better_when_it_is_lower():
    found = cells([measured("a", [20, 22]), measured("b", [24, 25])], "mse")
    assert found["b"].place == 1


def test_the_deviation_is_over_seeds_where_there_are_several():
    one, several = cells([measured("a", [20, 22]), measured("b", [24, 26], [25, 27])]).values()
    assert one.sd == pytest.approx(2**0.5)
    assert (several.mean, several.sd) == (25.5, pytest.approx(0.5**0.5))


def test_the_lead_is_paired_by_patient():
    rows = [measured("a", [20, 23, 21]), measured("b", [24, 25, 26])]
    found = cells(rows)
    assert found["b"].lead is None
    assert found["a"].lead == paired([20, 23, 21], [24, 25, 26])


def test_a_table_says_what_its_rows_cost_and_when_it_was_not_the_same():
    a, b = measured("a", [20, 22]), measured("b", [24, 25])
    same = [replace(a, budget=Budget(10, 40)), replace(b, budget=Budget(10, 40))]
    unlike = [same[0], replace(b, budget=Budget(50, 40))]
    table, other = (compare("t", "standard", "d", FIGURES[:1], rows) for rows in (same, unlike))
    assert "10 updates of each row, 40 patients drawn" in caption(table)
    assert "not trained equally long" in caption(other)
    assert "updates" in headings(other) and "updates" not in headings(table)
    assert [row[-1].text for row in grid(other)] == ["10", "50"]


def test_rows_of_other_patients_are_refused():
    with pytest.raises(DataError, match="code: other-patients"):
        cells([measured("a", [20, 22]), measured("b", [24])])


def test_a_row_that_was_only_published_has_no_cells():
    rows = [measured("a", [20]), Measured("x", "published", published={"psnr": 19.68})]
    table = compare("t", "standard", "d", FIGURES[:1], rows)
    assert not table.lines[1].cells and table.published == (FIGURES[0],)


@pytest.fixture
def run(tmp_path, recorded):
    """Write a run with scores, without training it."""

    def make(name, psnr, table="blobs.standard", size=16, method="model"):
        folder = tmp_path / name
        (folder / "metrics").mkdir(parents=True, exist_ok=True)
        (folder / "recipe.toml").write_text(RECIPE.format(size=size))
        rows = [f"p{n},{method},{v},{v}" for n, v in enumerate(psnr)]
        rows += [f"p{n},mean volume,18,18" for n in range(len(psnr))]
        text = "\n".join(["id,method,body_psnr,psnr", *rows]) + "\n"
        path = folder / "metrics" / f"{table}.csv"
        path.write_text(text)
        recorded(path)
        return folder

    return make


def test_runs_are_compared_by_what_they_share(run, parts):
    a, b = run("a", [20, 21]), run("b", [24, 25])
    run("b", [30, 30], "other.standard")
    (table,) = run_tables([a, b], parts)
    assert (table.dataset, table.protocol, table.patients) == ("blobs", "standard", 2)
    assert [line.name.split("/")[-1] for line in table.lines] == ["a", "b", "mean volume"]
    assert table.lines[1].cells["body_psnr"].place == 1


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("lidc.standard", r"dataset blobs and .* on lidc: .*repcat metrics convert"),
        ("blobs.seed2024", r"protocol standard and .* --from seed2024 --to standard"),
    ],
)
def test_other_datasets_and_protocols_are_never_ranked_together(run, parts, table, told):
    with pytest.raises(DataError, match=told):
        run_tables([run("a", [20]), run("b", [24], table)], parts)


def test_other_sizes_are_never_ranked_together(run, parts):
    with pytest.raises(DataError, match=r"data\.size = 16 .* 32"):
        run_tables([run("a", [20]), run("b", [24], size=32)], parts)


def test_a_run_without_scores_says_what_to_type(run, parts, tmp_path):
    a = run("a", [20])
    next((a / "metrics").glob("*.csv")).unlink()
    with pytest.raises(RunError, match=f"repcat evaluate {a}"):
        run_tables([a], parts)


def test_a_table_without_a_model_is_refused(run):
    with pytest.raises(DataError, match="code: no-model-rows"):
        read_scores(run("a", [20], method="x") / "metrics" / "blobs.standard.csv")


@pytest.mark.parametrize(("other", "said"), [(18.000001, False), (18.5, True)])
def test_baselines_differ_by_more_than_the_rounding_of_threads(run, parts, recorded, other, said):
    a, b = run("a", [20, 21]), run("b", [24, 25])
    table = b / "metrics/blobs.standard.csv"
    table.write_text(table.read_text().replace("mean volume,18,18", f"mean volume,{other},{other}"))
    recorded(table)
    (found,) = run_tables([a, b], parts)
    assert ("(best: " in found.lines[-1].name) == said


@pytest.mark.parametrize(("home", "refused"), [("blobs", False), ("elsewhere", True)])
def test_one_id_for_two_scans_is_never_ranked_together(run, parts, recorded, home, refused):
    paths = [run("a", [20, 21]), run("b", [24, 25])]
    for path in paths:  # `home`: a dataset without a folder, which options tell apart
        (path / "provenance.json").write_text(json.dumps({"dataset": home}))
        recorded(path / "metrics/blobs.standard.csv", contents={"p0": path.name})
    if refused:
        with pytest.raises(DataError, match="on two datasets that are both called 'blobs'"):
            run_tables(paths, parts)
    else:
        assert run_tables(paths, parts)


def test_a_run_that_was_scored_before_its_last_step_says_so(run, parts, recorded):
    path = run("a", [20, 21])
    for step in (2, 4):
        Run(path).save(step, State(values={"step": step, "turns": {"model": step}, "drawn": step}))
    recorded(
        path / "metrics/blobs.standard.csv", weights={"2": weights_hash(Run(path).checkpoint(2))}
    )
    (table,) = run_tables([path], parts)
    assert table.notes == (f"{path} is scored at step 2 of 4, not its last",)
    assert [b.updates for b in table.budgets] == [2], "what the scored step cost"
