"""Names and contents of score files."""

from pathlib import Path

import pytest

from repcat.errors import RunError
from repcat.runs.run import Run
from repcat.scoring.score_file import (
    ScoreFile,
    check_scored,
    list_score_files,
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
