"""Inputs that once ended in a traceback, a crash or gigabytes: each is refused in words now."""

import pytest

from tests.fuzz.target import attempt, build
from tests.fuzz.targets import READERS

DEEP = b"[" * 100_000
FOUND = {
    "recipe": [
        b"a" + b".a" * 20_000 + b" = 1",
        b"a = " + b"[" * 4_000,
        b"train.seed = " + b"9" * 5_000,
        b'extends = "a\\u0000b"',
        b'extends = "' + b"a" * 300 + b'"',
        b'extends = "/dev/zero"',
        b"data.cache_gb = 1e300",
        b"mapper.use = []",
    ],
    "set": [b"@/dev/zero", b"@" + b"a" * 300, b"@~nobody/a", b"[[[[" * 999],
    "coverage": [b"P01 = {test = 3}", b"P01 = {recipe = []}", b"\xff"],
    "coverage-study": [b"row = 3", b"row = [3]", b"[[row]]\nid = 3", b"[[row]]\nid = ['P01']"],
    "numbers": [b"\x011-99999999999999999", b"\x00" + b"9" * 5_000],
    "log.jsonl": [
        b"\xff",
        b"3\n[1]\n",
        b'{"step": null}',
        b'{"loss": 1}',
        b'{"step": 1e400}',
        b'{"step": 1, "loss": ' + b"9" * 400 + b"}",
        DEEP,
    ],
    "provenance.json": [
        b"[]",
        b'{"versions": [1]}',
        b'{"command": null}',
        b'{"command": [1]}',
        DEEP,
    ],
    "state.json": [b'{"step": 1e400}', b'{"step": 4, "turns": [1]}', b"[]", DEEP],
    "scores": [
        b"id,method,body_psnr,ssim,peak\np0,model,1,1,1\n",
        b"id,method,psnr\np0,model\n",
        b"id,method\n" + b"a" * 200_000,
        b"\xff",
    ],
    "dataset.toml": [
        b"",
        b"format = 1\n[settings]\nmu_water = 'x'\n",
        b"a" + b".a" * 20_000 + b" = 1",
        DEEP,
    ],
    "patients.csv": [
        b"id,split,source,spacing,notes\n" + b"a" * 300 + b",train,a,1,\n",
        b"id,split,source,spacing,notes\na,train,a,1," + b"n" * 200_000 + b"\n",
        b"id,split,source,spacing,notes\n../../../x,train,a,1,\n",
    ],
    "patient-header": [b"{}", b'{"geometry": []}', b'{"views": [{}], "geometry": {}}', DEEP],
    "export-geometry": [b"[]", b'{"voxels": null}', DEEP],
    "case.json": [b"[]", b'{"views": null}', DEEP],
    "film-npy": [b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', (", b"PK\x03\x04", b"\x93NUMPY"],
    "case-volume": [b"\x93NUMPY\x01\x00\x76\x00z'descr': '<f4', }" + b" " * 99],
    "film-argument": [b"a@" + b"1" * 300, b"a@" + b"b" * 300],
    "film-png": [b"\x89PNG\r\n\x1a\n" + b"IEND"],
    "split-list": [b"\xff", b"a" * 100_000],
    "split-table": [b"id,split\n" + b"a" * 200_000 + b",train\n", b"id,split\na1\n"],
    "encoder-weights": [b"", b"\xff" * 8],
    "split": [b"~nobody/a.csv", b"train=~nobody/a,test=b"],
    "writer": [b'{"process": 1, "host": "a", "since": "", "command": false}', b"[]", DEEP],
    "pfm": [b"", b"Pf\nx y\n-1\n", b"Pf\n1 1\nx\n\0\0\0\0", b"Pf\n-1 -1\n-1\n\0\0\0\0"],
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_is_refused_in_words(name, tmp_path, monkeypatch):
    assert name in READERS
    monkeypatch.chdir(tmp_path)
    _, read = build(name, tmp_path)
    for data in FOUND[name]:
        error = attempt(read, data)
        if error is not None:
            raise AssertionError(f"{name} on {data[:200]!r}") from error
