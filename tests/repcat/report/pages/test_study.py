"""A study's page: every row with how far it is, scored or not."""

STUDY = """
title = "Views"
base = "tiny.toml"
[[row]]
name = "two views"
[[row]]
name = "one view"
change.data.views = [0.0]
"""


def test_a_row_that_is_not_trained_is_named_beside_those_that_are(
    repcat, scored_once, tmp_path, words_of
):
    (tmp_path / "tiny.toml").write_text((scored_once / "tiny.toml").read_text())
    (tmp_path / "study.toml").write_text(STUDY)
    assert repcat("compare", "study.toml", "--train", "--rows", 1, "--device", "cpu")[0] == 0
    code, out, err = repcat("report", "study.toml")
    page = tmp_path / "runs/studies/study/report.html"
    assert code == 0 and page.is_file(), out + err
    said = words_of(page)
    assert "two views, seed 0: scored" in said and "one view, seed 0: untrained" in said
    assert "2 runs, 1 of them scored" in said
    assert "mean volume" in said and str(tmp_path) not in said
