"""The suites by name, and all of them in one record."""

import json

import pytest

from repcat.bench import everything as room
from repcat.bench.everything import CHOSEN, everything, write_json
from repcat.bench.found import Found, Options
from repcat.bench.suites import SUITES, suite
from repcat.bench.timing import timing_of
from repcat.errors import RepcatError


def test_an_unknown_suite_gets_the_nearest():
    with pytest.raises(RepcatError, match=f"did you mean '{next(iter(SUITES))}'") as caught:
        suite("trian", Options())
    assert caught.value.code == "no-such-bench"


def test_all_runs_every_suite_with_its_own_options(monkeypatch, tmp_path):
    asked = {}

    def ran(name, options):
        asked[name] = options
        return Found([timing_of(name, [1.0], [1.0], 0.5, {})], refused={"x": "not here"})

    monkeypatch.setattr(room, "suite", ran)
    write_json(tmp_path / "all.json", everything(Options(cases="unet3d", repeats=2)))
    found = json.loads((tmp_path / "all.json").read_text())
    assert found["suites"].keys() == SUITES.keys() == CHOSEN.keys()
    assert (asked["train"].against, asked["train"].cases, asked["train"].repeats) == (
        "paper",
        "unet3d",
        2,
    )
    assert (asked["score"].size, asked["load"].size) == (128, 64)
    assert found["suites"]["load"]["refused"] == {"x": "not here"}
    assert found["suites"]["load"]["timings"][0]["memory_gb"] == 0.5
    assert found["versions"]["torch"] and found["processor"] and found["repeats"] == 2
