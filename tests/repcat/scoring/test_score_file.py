"""Names and contents of score files."""

from pathlib import Path

import pytest

from repcat.errors import DataError, RunError
from repcat.runs.run import Run
from repcat.scoring.score_file import (
    ScoreFile,
    check_scored,
    figure_of,
    list_score_files,
    read_scores,
    score_path,
)


@pytest.mark.parametrize("dataset", ["lidc", "lidc-1.5mm", "a.b"])
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_name_says_dataset_split_and_protocol(dataset: str, split: str) -> None:
    file = ScoreFile(dataset, "standard", split)
    assert ScoreFile.parse(Path("metrics") / file.name) == file


def test_the_test_split_is_not_named() -> None:
    assert score_path(Run(Path("r")), "lidc", "standard").name == "lidc.standard.csv"
    path = score_path(Run(Path("r")), "lidc", "standard", "validation")
    assert path.name == "lidc.validation.standard.csv"


def test_files_are_listed_by_protocol_and_only_the_test_split_is_scored(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.metrics.mkdir()
    for name in ("a.standard", "a.seed2024", "a.validation.standard"):
        (run.metrics / f"{name}.csv").write_text("id,method,psnr\np,model,20\n")
    assert len(list_score_files(run)) == 3
    assert list(check_scored(run, "standard")) == [ScoreFile("a", "standard")]
    with pytest.raises(RunError, match="code: nothing-scored"):
        check_scored(run, "x2ct2019")


def test_a_figure_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "a.standard.csv"
    path.write_text("id,method,psnr\np,model,20\nq,model,22\n")
    assert figure_of(path, "psnr") == [20.0, 22.0]
    with pytest.raises(DataError, match="code: no-such-figure"):
        figure_of(path, "ssim")


@pytest.mark.parametrize("text", ["", "id,method,psnr\np,x,20\n", "id,method,psnr\np,model,no\n"])
def test_what_evaluate_did_not_write_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.standard.csv"
    path.write_text(text)
    with pytest.raises(DataError):
        read_scores(path)
