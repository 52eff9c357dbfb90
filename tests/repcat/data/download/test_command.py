"""`repcat fetch` as a user calls it, to the dataset that `repcat prepare` makes of it."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from repcat.data.download.idc_index import ct_series
from repcat.data.download.selection import select
from repcat.rng import seed_of

RUN = """
import sys
from pathlib import Path
import repcat.data.download.idc_index as index
path = Path(sys.argv.pop(1))
index.index_file = lambda: path
from repcat.cli import main
main()
"""


def start(index, *words):
    """Start the command line in a process group of its own, as a shell does."""
    command = [sys.executable, "-c", RUN, str(index), *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for(there):
    for _ in range(500):
        if there():
            return
        time.sleep(0.02)
    pytest.fail("it did not come to that in ten seconds")


def files(folder):
    return [p for p in folder.rglob("*.dcm") if not any(n.startswith(".") for n in p.parts)]


@pytest.mark.parametrize("words", [(), ("--list",)])
def test_the_list_names_seven_with_size_licence_and_citation(repcat, words):
    code, out, _ = repcat("fetch", *words)
    assert code == 0
    sizes, sources, _ = out.split("\n\n")
    (lidc,) = [line.split() for line in sizes.splitlines() if line.startswith("LIDC")]
    assert lidc[1:4] == ["1010", "1018", "128.4"] and len(sources.splitlines()) == 8
    assert "https://doi.org/10.7937/k9/tcia.2015.lo9ql9sx" in out
    (limited,) = [line for line in out.splitlines() if "NC 4.0" in line]
    assert limited.startswith("MIDRC-1b") and "non-commercial" in limited


def test_the_list_as_json_is_json(repcat):
    found = json.loads(repcat("fetch", "--json")[1])
    assert [c["name"] for c in found if c["non_commercial"]] == ["MIDRC-1b"]
    assert found[0]["chosen"] == 1010 and found[0]["dataset"] == "data/lidc"


def test_a_dry_run_says_count_size_licence_and_citation_and_contacts_nothing(repcat, bucket):
    code, out, _ = repcat(
        "fetch", "midrc-1b", "--limit", 5, "--dry-run", "--endpoint", bucket.address
    )
    assert code == 0 and bucket.asked == [] and not Path("data").exists()
    assert "MIDRC-1b: 5 of 116 patients" in out and "CC BY-NC 4.0 (non-commercial)" in out
    assert "https://doi.org/10.7937/31v8-4a40" in out and "left out: 1 more" in out
    assert f"into {Path('data/dicom/midrc-1b')}" in out


def test_a_dry_run_as_json_lists_every_series(repcat):
    found = json.loads(repcat("fetch", "LCTSC", "--limit", 2, "--dry-run", "--json")[1])
    assert len(found["series"]) == found["missing"] == 2
    assert found["series"][0]["source"].startswith("s3://idc-open-data/")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lctcs",), "did you mean 'LCTSC'?"),
        (("LCTSC", "--json"), "--json goes with the list"),
        (("LCTSC", "--limit", "0"), "equal to 1"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(repcat, words, said):
    code, _, err = repcat("fetch", *words)
    assert code == 2 and said in err and "Traceback" not in err


def test_a_collection_becomes_a_dataset_by_two_commands(repcat, bucket, small_index):
    code, out, err = repcat("fetch", "LCTSC", "--endpoint", bucket.address)
    assert code == 0, err
    assert "LCTSC: 3 of 3 patients" in out and "3 series, listed in data/dicom/lctsc/SOURCE" in out
    (line,) = [line for line in out.splitlines() if line.startswith("next: ")]
    words = shlex.split(line.removeprefix("next: repcat "))
    assert words == ["prepare", "data/dicom/lctsc", "--out", "data/lctsc", "--place", "top",
                     "--split", "0,0,1"]  # fmt: skip
    code, out, err = repcat(*words, "--size", 16, "--views", "0,90")
    assert code == 0, err
    assert "3 scans (0 train, 0 validation, 3 test)" in out and "left out" not in out


def test_a_real_patient_comes_by_the_real_index_and_is_prepared(repcat, real, bucket):
    """A seed that puts Lung_Dx-A0001 first; its files lie beside the project."""
    rows = ct_series(["lung_pet_ct_dx"])["lung_pet_ct_dx"]
    patients = sorted({one.patient for one in rows})
    wanted = "Lung_Dx-A0001"
    seed = next(
        s for s in count() if min(patients, key=lambda who: seed_of("fetch", s, who)) == wanted
    )
    one = select(rows, seed).chosen[0]
    bucket.put(one, {p.name: p.read_bytes() for p in (real / "dicom/lungpetctdx_a0001").iterdir()})
    words = ("--limit", 1, "--seed", seed, "--endpoint", bucket.address)
    code, out, err = repcat("fetch", "lung_pet_ct_dx", *words)
    assert code == 0, err
    assert "CC BY 4.0" in out
    code, out, err = repcat("prepare", "data/dicom/lung_pet_ct_dx", "--out", "data/one",
                            "--place", "top", "--size", 16, "--views", "0,90")  # fmt: skip
    assert code == 0 and "1 scan (1 train" in out, err


def test_a_failed_series_is_one_line_and_exit_code_2(repcat, bucket, small_index, series):
    bucket.refused.add(bucket.keys(series[1])[0])
    code, _, err = repcat("fetch", "LCTSC", "--endpoint", bucket.address)
    assert code == 2
    assert f"failed: {series[1].folder}: AccessDenied" in err
    assert "1 of 3 series failed; check the connection and the disk, then run the same" in err
    bucket.refused.clear()
    bucket.asked.clear()
    code, out, err = repcat("fetch", "LCTSC", "--endpoint", bucket.address)
    assert code == 0 and "to download: 1 series" in out and len(bucket.got) == 32, err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stop_leaves_whole_series_and_the_next_call_goes_on(
    repcat, bucket, small_index, series, tmp_path, how
):
    out = tmp_path / "in"
    words = ("fetch", "LCTSC", "--out", out, "--endpoint", bucket.address)
    first = json.loads(repcat("fetch", "LCTSC", "--dry-run", "--json")[1])["series"][0]["patient"]
    later = [one for one in series if one.patient != first]
    bucket.stalled |= {bucket.keys(one)[7] for one in later}
    process = start(small_index, *words)
    wait_for(lambda: len(bucket.got) == 64)  # all of the first, and all of the second but one
    os.killpg(process.pid, how)
    _, err = process.communicate(timeout=20)
    assert process.returncode == (130 if how == signal.SIGINT else -how), err
    if how == signal.SIGINT:
        assert "what is written is whole" in err and not list(out.glob("*/.*"))
    assert len(files(out)) == 32
    bucket.stalled.clear()
    bucket.over.set()
    assert repcat(*words)[0] == 0
    assert len(files(out)) == 96 and not list(out.rglob(".*"))


def test_without_the_extra_it_says_what_to_install(repcat, monkeypatch):
    monkeypatch.setitem(sys.modules, "idc_index_data", None)
    code, _, err = repcat("fetch")
    assert code == 2 and "pip install 'repcat[idc]'" in err
