"""Scores in a terminal."""

import io
from dataclasses import replace

from rich.console import Console

from repcat.registry.plugins import load_parts
from repcat.report.tables.terminal import render
from repcat.scoring.intervals import Interval
from repcat.scoring.metric_info import COLUMNS, interval_text
from repcat.scoring.protocols import protocol
from repcat.scoring.summary import Header, Row, Scores

BY = protocol("standard", load_parts())
HEADER = Header("standard", "blocks", "test", 2, 5, ("0", "90"), "-1000..1000 HU", "toy")


def printed(scores: Scores, width: int = 160) -> str:
    console = Console(file=io.StringIO(), width=width)
    for item in render(scores, width):
        console.print(item)
    return console.file.getvalue()


def test_a_table_says_what_it_shows_which_way_is_better_and_who_leads() -> None:
    rows = [
        Row(f"p{k}", method, {"body_psnr": value + k, "body_mae_hu": 100.0})
        for method, value in (("model", 20.0), ("mean volume", 15.0))
        for k in range(2)
    ]
    text = printed(Scores(HEADER, tuple(rows), BY))
    assert "protocol standard · dataset blocks, split test · 2 patients" in text
    assert "body PSNR dB ↑" in text
    assert "body MAE HU ↓" in text
    assert "20.50 ± 0.71" in text
    assert "model minus mean volume, body PSNR: +5.00 dB [+5.00, +5.00]" in text


def test_a_lead_that_may_be_none_is_said_to_be_so() -> None:
    values = {"model": (10.0, 12.0) * 3, "mean volume": (11.0, 11.0) * 3}
    rows = [Row(f"p{k}", m, {"body_psnr": v}) for m, vs in values.items() for k, v in enumerate(vs)]
    text = printed(Scores(replace(HEADER, patients=6), tuple(rows), BY))
    assert "the interval holds 0, not shown to differ" in text
    assert "below it the 95 % bootstrap interval" in " ".join(text.split())


def test_two_patients_decide_nothing_and_no_interval_is_claimed() -> None:
    values = {"model": (20.0, 20.5), "mean volume": (15.6, 15.6)}
    rows = [Row(f"p{k}", m, {"body_psnr": v}) for m, vs in values.items() for k, v in enumerate(vs)]
    text = " ".join(printed(Scores(HEADER, tuple(rows), BY)).split())
    few = "the range of 2 patients, too few for an interval"
    assert f"[+4.40, +4.90]: {few}, not shown to differ" in text
    assert f"below it {few}" in text and "95 %" not in text


def test_infinities_are_words() -> None:
    infinite = Interval(float("inf"), 0, 0, 0, 3)
    assert interval_text(infinite, COLUMNS["equivalent_blur_mm"]) == "beyond scale"
    assert interval_text(infinite, COLUMNS["psnr"]) == "no error"
    nothing = Interval(float("nan"), 0, 0, 0, 3)
    assert interval_text(nothing, COLUMNS["psnr"]) == "undefined"


def test_a_narrow_screen_shows_what_matters_most_and_breaks_no_number() -> None:
    figures = dict.fromkeys(("body_psnr", "body_ssim", "body_mae_hu", "psnr", "ssim"), 0.123)
    rows = tuple(Row(p, "truth blurred 10 mm (oracle)", figures) for p in ("p0", "p1"))
    text = printed(Scores(HEADER, rows, BY), 72)
    assert "0.123 ± 0.000" in text
    assert "0.123..0.123" in text
    assert "body PSNR" in text
    assert "2 more columns in the CSV" in text
