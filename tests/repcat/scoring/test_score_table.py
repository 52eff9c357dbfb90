"""Tables of scores are read where they belong to their run as it is, and nowhere else."""

from pathlib import Path

import pytest

from repcat.errors import DataError, RunError
from repcat.runs.checkpoint import State, weights_hash
from repcat.runs.run import Run
from repcat.scoring.score_record import ScoreRecord, score_record_path
from repcat.scoring.score_table import figure_of, read_methods, read_scores

TEXT = "id,method,psnr\np,model,20\nq,model,22\n"


@pytest.fixture
def table(tmp_path: Path, recorded) -> Path:
    path = tmp_path / "run" / "metrics" / "a.validation.standard.csv"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT)
    return recorded(path)


def test_a_figure_that_is_not_there_names_those_that_are(table: Path) -> None:
    assert figure_of(table, "psnr") == [20.0, 22.0]
    with pytest.raises(DataError, match="code: no-such-figure"):
        figure_of(table, "ssim")


@pytest.mark.parametrize("text", ["", "id,method,psnr\np,x,20\n", "id,method,psnr\np,model,no\n"])
def test_what_evaluate_did_not_write_is_refused(table: Path, recorded, text: str) -> None:
    table.write_text(text)
    with pytest.raises(DataError):
        read_scores(recorded(table))


def test_a_table_that_was_changed_is_named_with_the_command_that_makes_it(table: Path) -> None:
    table.write_text(TEXT.replace("20", "30"))
    cure = f"run: repcat evaluate {table.parents[1]} --split validation"
    with pytest.raises(RunError, match=f"was changed after it was written; {cure}") as refused:
        read_scores(table)
    assert refused.value.code == "file-changed"


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"dataset": 3}', None])
def test_a_table_without_a_record_is_refused(table: Path, text: str | None) -> None:
    record = score_record_path(table)
    record.unlink() if text is None else record.write_text(text)
    with pytest.raises(RunError, match="code: no-record"):
        read_scores(table)
    with pytest.raises(RunError, match=r"repcat measure .*run --what standard"):
        read_methods(table, "measure")


def test_what_mends_a_table_names_a_protocol_that_is_not_scored_unasked(table, recorded) -> None:
    other = recorded(table.rename(table.with_name("b.psct2026.csv")))
    other.write_text("")
    with pytest.raises(RunError, match=r"repcat evaluate .*run --protocol psct2026"):
        read_scores(other)


def test_a_table_of_weights_that_the_run_has_no_more_is_refused(table: Path, recorded) -> None:
    run = Run(table.parents[1])
    run.save(4, State(values={"step": 4}))
    for step, weights, code in ((4, "others", "other-weights"), (9, "", "other-weights")):
        recorded(table, weights={str(step): weights})
        with pytest.raises(RunError, match=rf"(?s)repcat predict .* && repcat evaluate .*{code}"):
            read_scores(table)
    recorded(table, weights={"4": weights_hash(run.checkpoint(4))})
    assert read_scores(table)
    recorded(table, weights={"2": "of a checkpoint that was deleted"})
    assert read_scores(table)


def test_a_record_with_steps_that_are_no_numbers_is_none(table: Path, recorded) -> None:
    assert ScoreRecord.read(recorded(table, weights={"x": "y"})) is None
