"""A table of scores: its figures by method, its leads, its JSON."""

import json
import math
from dataclasses import replace

import pytest

from repcat.registry.plugins import load_parts
from repcat.scoring.metric_info import Column
from repcat.scoring.protocols import protocol
from repcat.scoring.summary import Header, Row, Scores, finite

HEADER = Header("standard", "blocks", "test", 2, 9, ("0", "90"), "-1000..1000 HU")
FIGURES = {
    "model": [(21.0, 0.8), (25.0, math.inf)],
    "constant": [(18.0, 0.5), (20.0, 0.6)],
    "truth blurred 10 mm (oracle)": [(30.0, 0.9), (31.0, 0.9)],
}


@pytest.fixture
def scores() -> Scores:
    rows = [
        Row(f"p{n}", method, {"body_psnr": found[n][0], "own": found[n][1]})
        for n in range(2)
        for method, found in FIGURES.items()
    ]
    return Scores(HEADER, tuple(rows))


def test_figures_are_listed_patient_by_patient(scores) -> None:
    assert scores.methods == list(FIGURES) and scores.columns == ["body_psnr", "own"]
    assert scores.values("constant", "own") == [0.5, 0.6]
    found = scores.summary("model", "body_psnr")
    assert (found.mean, found.n, found.sd) == (23, 2, pytest.approx(math.sqrt(8)))


def test_a_lead_is_the_models_figure_less_the_others_and_oracles_have_none(scores) -> None:
    (lead,) = scores.differences().items()
    assert lead[0] == "constant"
    assert (lead[1].mean, lead[1].low, lead[1].high) == (4, 3, 5)
    assert scores.difference("body_psnr", "constant", "model").mean == -4


def test_without_a_model_or_a_body_there_is_no_lead(scores) -> None:
    baselines = tuple(r for r in scores.rows if r.method != "model")
    assert Scores(HEADER, baselines).differences() == {}
    bodiless = tuple(Row(r.patient, r.method, {"own": 1.0}) for r in scores.rows)
    assert Scores(HEADER, bodiless).differences() == {}


def test_its_json_holds_rows_means_and_leads_and_null_for_what_is_not_finite(scores) -> None:
    found = json.loads(json.dumps(scores.to_dict(), allow_nan=False))
    assert (found["protocol"], found["patients"], found["views"]) == ("standard", 2, ["0", "90"])
    assert found["columns"] == {
        "body_psnr": {"heading": "body PSNR dB", "better": "up"},
        "own": {"heading": "own", "better": "?"},
    }
    assert found["rows"][0] == {"id": "p0", "method": "model", "body_psnr": 21.0, "own": 0.8}
    assert found["rows"][3] == {"id": "p1", "method": "model", "body_psnr": 25.0, "own": None}
    model = found["summary"]["model"]
    assert (model["body_psnr"]["mean"], model["own"]["mean"]) == (23, None)
    assert list(found["summary"]) == list(FIGURES)
    (lead,) = found["body_psnr_difference"].items()
    assert (lead[0], lead[1]["mean"], lead[1]["n"]) == ("model - constant", 4, 2)


def test_a_protocols_own_column_goes_before_repcats(scores) -> None:
    by = protocol("x2ct2019", load_parts())
    assert scores.column("psnr_z") == Column("psnr_z", "psnr_z", "?", 4)
    assert Scores(HEADER, scores.rows, by).column("psnr_z").heading == "PSNR z dB"


def test_only_floats_that_are_not_finite_become_null() -> None:
    record = {"a": math.nan, "b": -math.inf, "c": 1.5, "d": 10**400, "e": "nan", "f": None}
    assert finite(record) == {**record, "a": None, "b": None}


def test_a_header_says_what_its_scores_are_of() -> None:
    assert str(HEADER) == (
        "protocol standard · dataset blocks, split test · 2 patients · "
        "baselines from 9 training patients · views at 0, 90 degrees · window -1000..1000 HU"
    )
    one = str(replace(HEADER, patients=1, step=0, note="toy"))
    assert " · 1 patient · " in one and one.endswith(" HU · step 0 · toy")
