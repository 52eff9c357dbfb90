"""`repcat check`: plain verdicts, exit code 0 or 2."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from repcat.contracts import Metric
from repcat.registry.plugins import load_parts

Run = Callable[..., tuple[int, str, str]]


def dark(*, above: float = 0.0) -> Metric:
    """Score nothing well."""
    return lambda truth, prediction, geometry: float((truth - prediction).mean())


@pytest.fixture
def two_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register a metric of a backbone's name, broken in three ways."""
    metrics = load_parts().metrics
    monkeypatch.setattr(metrics, "parts", {})
    monkeypatch.setattr(metrics, "origin", "repcat-dark")
    metrics.add("unet", dark)


def test_each_rule_has_a_line(repcat: Run) -> None:
    code, out, _ = repcat("check", "l2")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "objective l2 [repcat]"
    assert "  ok: never yields inside a with" in lines
    assert "  does not apply: takes its state back: it has no state" in lines
    assert lines[-1] == "  14 rules hold, 0 broken, 1 do not apply"


def test_options_and_size_can_be_set(repcat: Run) -> None:
    words = ["--set", "channels = [4, 8]", "--set", "res_units = 1", "--size", "16"]
    code, out, _ = repcat("check", "backbone:unet", *words)
    assert (code, "backbone unet [repcat]" in out) == (0, True)
    code, _, err = repcat("check", "unet", "--set", "chanels = [4, 8]")
    assert (code, "unet.chanels is unknown; did you mean 'channels'?" in err) == (2, True)
    code, _, err = repcat("check", "unet", "--set", "norm = batch")
    assert (code, "is not TOML" in err) == (2, True)


def test_a_size_that_a_part_refuses_is_a_verdict_in_its_words(repcat: Run) -> None:
    code, out, _ = repcat("check", "swin_unetr", "--size", "16")
    assert code == 2
    assert "FAILS: can be built and run: PartError: backbone 'swin_unetr' takes volumes" in out


@pytest.mark.usefixtures("two_kinds")
def test_a_name_of_two_kinds_asks_which(repcat: Run) -> None:
    code, _, err = repcat("check", "unet")
    assert code == 2
    assert "'unet' is a name of backbones, metrics; say which, such as backbone:unet" in err
    for words in (["metric:unet"], ["unet", "--kind", "metric"], ["repcat-dark"]):
        code, out, _ = repcat("check", *words)
        assert code == 2
        assert "FAILS: is best where the prediction is the truth" in out
        assert "FAILS: documents its options: option 'above' has no meaning" in out


@pytest.mark.usefixtures("two_kinds")
def test_json_holds_the_same(repcat: Run) -> None:
    code, out, _ = repcat("check", "metric:unet", "--json")
    found = json.loads(out)
    assert (code, found["passed"]) == (2, False)
    (part,) = found["parts"]
    assert (part["kind"], part["name"], part["origin"]) == ("metrics", "unet", "repcat-dark")
    assert {v["state"] for v in part["verdicts"]} == {"ok", "fails"}


def test_a_part_that_needs_an_option_says_which(repcat: Run) -> None:
    code, _, err = repcat("check", "prepared")
    assert (code, "prepared.path is missing" in err) == (2, True)


def test_an_unknown_name_gets_the_nearest(repcat: Run) -> None:
    code, _, err = repcat("check", "unett")
    assert (code, "did you mean 'unet'" in err) == (2, True)
    code, _, err = repcat("check", "network:unet")
    assert (code, "no kind of part called 'network'" in err) == (2, True)


def test_options_belong_to_one_part(repcat: Run) -> None:
    code, _, err = repcat("check", "repcat", "--set", "width = 4")
    assert (code, "--set belongs to one part" in err) == (2, True)
