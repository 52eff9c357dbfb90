"""A page is whole, holds no name of a user's files, and lets run only what it was written with."""

import base64
import hashlib
import json
import re

import numpy as np
import pytest

from repcat.errors import DataError, RunError
from repcat.report.html.template import asset
from repcat.report.pages.case import write_case

NIIVUE = "niivue.umd.js.gz"


def test_a_case_shows_what_was_doubted_and_no_name_of_a_file(case):
    text = write_case(case).read_text()
    assert "synthetic, research use only" in text.lower()
    assert "is far from training" in text and "Measured 3.25, limit 2" in text
    assert "PSNR 25.5 dB, NCC 0.987" in text and "inverted, MONOCHROME1" in text
    for name in ("DOE", "JANE", "/home"):
        assert name not in text.replace(asset(NIIVUE), "")


def test_hostile_names_are_shown_as_text(tmp_path, case_at, hostile):
    case = case_at(tmp_path / "case", f"{hostile}.png")
    told = json.loads((case / "case.json").read_text())
    told["views"][0]["name"] = told["run"]["dataset"] = told["warnings"][0]["code"] = hostile
    (case / "case.json").write_text(json.dumps(told))
    text = write_case(case).read_text()
    assert "alert(1)</script>" not in text
    assert text.count("&lt;script&gt;alert(1)") >= 3


def test_the_policy_names_every_script_and_style_by_hash_and_opens_nothing(case):
    text = write_case(case).read_text()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert "default-src 'none'; connect-src 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
    others = text.replace(asset(NIIVUE), "-")  # it holds "<script" in a text of its own
    code = re.findall(r"<(?:script|style)>(.+?)</(?:script|style)>", others, re.DOTALL)
    assert len(code) == 6 and "-" in code
    for one in {*code, asset(NIIVUE)} - {"-"}:
        digest = base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_niivue_is_the_file_of_npm_and_cannot_end_its_script():
    code = asset(NIIVUE)
    assert hashlib.sha256(code.encode()).hexdigest() in asset("NIIVUE.md")
    assert "BSD 2-Clause License" in asset("NIIVUE.md")
    assert "</script" not in code.lower() and "<!--" not in code


def test_a_folder_without_a_case_says_what_makes_one(tmp_path):
    with pytest.raises(RunError, match="code: not-a-case"):
        write_case(tmp_path)


@pytest.mark.parametrize("fault", ["volume.npy", "xrays.safetensors", "views", "json", "flat"])
def test_half_a_case_is_refused_and_nothing_is_written(case, fault):
    if fault == "views":
        told = json.loads((case / "case.json").read_text())
        told["views"].pop()
        (case / "case.json").write_text(json.dumps(told))
    elif fault == "json":
        (case / "case.json").write_text("{")
    elif fault == "flat":
        np.save(case / "volume.npy", np.zeros((3, 3)))
    else:
        (case / fault).write_bytes(b"cut")
    before = sorted(case.iterdir())
    with pytest.raises(DataError, match="code: case-damaged"):
        write_case(case)
    assert sorted(case.iterdir()) == before
