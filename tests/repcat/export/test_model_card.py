"""The model card holds the run's own figures, its baselines, its limits; or says there are none."""

import csv
import re
from statistics import mean

import pytest

from repcat.export.formats import export_run

FIGURES = ("body_psnr", "equivalent_blur_mm", "psnr", "body_ssim", "ssim", "body_mae_hu")
# Figures that no two methods share, so that a row mistaken for another one is seen.
SCORES = {
    "model": [(20.0, 10.0, 21.0, 0.5, 0.55, 100.0), (22.0, 12.0, 23.0, 0.6, 0.65, 120.0)],
    "mean volume": [(18.0, 20.0, 19.0, 0.3, 0.35, 200.0), (19.0, 22.0, 20.0, 0.4, 0.45, 220.0)],
    "truth blurred 10 mm (oracle)": [(30.0, 10.0, 31.0, 0.9, 0.91, 50.0)] * 2,
}


def score(run, protocol="standard"):
    run.metrics.mkdir()
    with (run.metrics / f"phantoms.{protocol}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "method", *FIGURES])
        for method, patients in SCORES.items():
            writer.writerows([f"p{n}", method, *figures] for n, figures in enumerate(patients))


def card_of(run, **more):
    return (export_run(run.path, **more).folder / "README.md").read_text()


def test_it_holds_the_figures_of_the_csv_for_model_and_baselines(run_of):
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


def test_scores_of_the_last_step_are_not_shown_for_an_earlier_one(run_of):
    run = run_of()
    run.save(3, run.load(2))
    score(run)
    card = card_of(run, step=2)
    assert "these are the weights of step 2" in card and "| method |" not in card


def test_scores_older_than_the_weights_say_so(run_of):
    run = run_of()
    score(run)
    run.save(2, run.load(2))
    assert "older than the weights" in card_of(run)


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
