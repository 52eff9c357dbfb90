"""The page of benchmarks is what its JSON gives; the script for a GPU runs on a CPU."""

import json
import runpy
import sys
from pathlib import Path

import pytest

from repcat.bench.suites import SUITES

FOLDER = Path(__file__).parents[2] / "docs/benchmarks"


def test_the_page_is_what_the_committed_json_gives():
    made = runpy.run_path(str(FOLDER / "generate.py"))
    found = json.loads(made["MEASURED"].read_text("utf-8"))
    assert made["PAGE"].read_text("utf-8") == made["page"](found), (
        "run: python docs/benchmarks/generate.py"
    )
    assert found["suites"].keys() == SUITES.keys()


TOY = ("data.size = 16", "train.batch_size = 1", "backbone.channels = [4, 8]")


def test_the_script_for_a_gpu_runs_on_a_cpu_at_toy_size(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["gpu.py"])
    script = runpy.run_path(str(FOLDER / "gpu.py"))
    monkeypatch.setitem(
        script["compare"].__globals__, "highest", lambda on: ({"fp32": 1, "bf16": 1}, {})
    )
    words = [word for line in TOY for word in ("--set", line)]
    file = tmp_path / "gpu.json"
    script["main"](
        ["--device", "cpu", "--recipe", "unet_l2", "--steps", "2", "--json", str(file), *words]
    )
    found = json.loads(file.read_text())
    for precision in ("fp32", "bf16"):
        own = found[precision]
        assert own["steps"] == 2 and len(own["losses"]) == 4
        assert own["gflop_per_step"] > 0 and own["turns_per_second"] > 0
        assert own["host_waits_per_step"] is None  # there is no card to wait for
    assert found["fp32"]["losses"][0]["mse"] == pytest.approx(
        found["bf16"]["losses"][0]["mse"], rel=0.02
    )
