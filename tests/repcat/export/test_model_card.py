"""The model card holds the run's own figures, its baselines, its limits; or says there are none."""

import csv
import re
from statistics import mean

import pytest

from repcat.errors import RunError
from repcat.export.formats import export_run
from repcat.runs.checkpoint import weights_hash

FIGURES = ("body_psnr", "equivalent_blur_mm", "psnr", "body_ssim", "ssim", "body_mae_hu")
# Figures that no two methods share, so that a row mistaken for another one is seen.
SCORES = {
    "model": [(20.0, 10.0, 21.0, 0.5, 0.55, 100.0), (22.0, 12.0, 23.0, 0.6, 0.65, 120.0)],
    "mean volume": [(18.0, 20.0, 19.0, 0.3, 0.35, 200.0), (19.0, 22.0, 20.0, 0.4, 0.45, 220.0)],
    "truth blurred 10 mm (oracle)": [(30.0, 10.0, 31.0, 0.9, 0.91, 50.0)] * 2,
}


@pytest.fixture
def score(recorded):
    """Return a writer of a run's scores, as of its last step unless told otherwise."""

    def write(run, step=None):
        step = step or run.steps()[-1]
        write_table(run.metrics / "phantoms.standard.csv")
        weights = {str(step): weights_hash(run.checkpoint(step))}
        recorded(run.metrics / "phantoms.standard.csv", weights=weights)

    return write


def write_table(path):
    path.parent.mkdir()
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "method", *FIGURES])
        for method, patients in SCORES.items():
            writer.writerows([f"p{n}", method, *figures] for n, figures in enumerate(patients))


def card_of(run, **more):
    return (export_run(run.path, **more).folder / "README.md").read_text()


def test_it_holds_the_figures_of_the_csv_for_model_and_baselines(run_of, score):
    run = run_of()
    score(run)
    card = card_of(run)
    for method, patients in SCORES.items():
        (row,) = re.findall(rf"^\| \**{re.escape(method)}\** \|.*$", card, re.M)
        cells = [cell.strip() for cell in row.split("|")[2:-1]]
        for k, (digits, cell) in enumerate(zip((2, 1, 2, 3, 3, 0), cells, strict=True)):
            assert cell.startswith(f"{mean(p[k] for p in patients):.{digits}f} ± ")
    # 20 - 18 and 22 - 19: a mean of 2.5 between 2 and 3, patient by patient
    assert "model minus mean volume, body PSNR dB: +2.50 [+2.00, +3.00]" in card
    assert "protocol standard, 2 patients" in card and "Dataset phantoms" in card
    assert "[20.00..22.00]" in card  # the range of two patients


def test_it_says_so_where_the_run_was_not_scored(run_of):
    card = card_of(run_of())
    assert "None: this model was not evaluated" in card and "| method |" not in card


@pytest.mark.parametrize(("scored", "shown", "words"), [(3, 2, "2"), (2, None, "3")])
def test_scores_of_another_step_are_not_shown(run_of, score, scored, shown, words):
    run = run_of()
    later = run.load(2)
    later.values["step"] = 3
    run.save(3, later)
    score(run, scored)
    card = card_of(run, step=shown)
    assert f"these are the weights of step {words}" in card and "| method |" not in card
    assert f"scores are those of step {scored}." in card


def test_scores_of_older_weights_of_the_same_step_are_refused(run_of, score):
    run = run_of()
    score(run)
    trained_again = run.load(2)
    next(iter(trained_again.tensors["model"].values())).add_(1)
    run.save(2, trained_again)
    with pytest.raises(RunError, match="is of older weights than step 2 has now; run: repcat pred"):
        card_of(run)
    assert not (run.path / "export" / "hub").exists()


@pytest.mark.parametrize(
    "words",
    [
        "Synthetic, research use only. Not a medical device",
        "## Limits",
        "objective `l2`",
        "views at 0, 90 degrees",
        "clipped to -1000..1000",
        "2 train, 1 validation, 2 test patients",
        "largest difference from eager",
        "procedural phantoms, not patients",
    ],
)
def test_it_says_what_the_model_is_and_is_not(run_of, words):
    assert words in card_of(run_of())
