"""What the suites around training time."""

from dataclasses import replace

import pytest

from repcat.bench.cases import CASES, PHANTOMS
from repcat.bench.found import Options
from repcat.bench.predict import TIMED, predict
from repcat.bench.start import FIRST_STEP, _run
from repcat.bench.suites import suite
from repcat.errors import RepcatError
from repcat.inference.engine.kinds import KINDS
from repcat.registry.plugins import load_parts


def names(found):
    return [timing.name for timing in found.timings]


def test_score_times_every_protocol():
    timed = names(suite("score", Options(repeats=1, size=16)))
    assert sorted(timed) == load_parts().protocols.names()


def test_project_times_every_projector_against_the_default():
    projectors = load_parts().projectors.names()
    timed = names(suite("project", Options(repeats=1, size=16)))
    assert timed[0] == "nanodrr" and sorted(timed) == projectors


def test_load_times_a_patient_made_and_kept():
    assert names(suite("load", Options(repeats=1, size=16))) == ["phantom", "in memory"]


def test_predict_times_every_engine_that_can_be_had_against_eager(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")  # compiling alone would take half a minute
    assert TIMED == ("swin48", "quickstart")
    case = CASES["quickstart"]
    small = (PHANTOMS.format(size=16), "backbone.channels = [4, 8]", "backbone.res_units = 1")
    monkeypatch.setattr("repcat.bench.predict.TIMED", ("quickstart",))
    monkeypatch.setitem(CASES, "quickstart", replace(case, settings=small))
    found = predict(Options(repeats=1))
    assert names(found)[0] == "quickstart: eager"
    every = {f"quickstart: {engine}" for engine in ("eager", *KINDS)}
    assert {*names(found), *found.refused} == every and len(names(found)) > 1
    assert "no no-such-compiler" in found.refused["quickstart: compiled"]
    assert found.timings[0].per_second["patients"] > 0


def test_a_command_that_fails_while_it_is_timed_says_so():
    with pytest.raises(RepcatError, match="`repcat nonsense` failed") as caught:
        _run("nonsense")
    assert caught.value.code == "command-failed"
    assert FIRST_STEP[:2] == ("train", "quickstart")
