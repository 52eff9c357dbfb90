from __future__ import annotations

import pytest

from repcat.data.ct.scan_discovery import Scan
from repcat.data.prepare.patient_ids import name_scans


def test_ids_differ_whatever_the_names_are() -> None:
    labels = ("x/a.mha", "y/a.mha", "a-2.mha", "A.mha", "n" * 300 + ".mha", "n" * 299 + "m.mha")
    ids = name_scans([Scan(label, label, (), "file") for label in labels], "stem")
    assert ids[:4] == ["a", "a-3", "a-2", "A-4"]
    assert len({name.lower() for name in ids}) == len(ids)
    assert max(map(len, ids)) < 110


def test_a_stem_that_cannot_name_a_file_gives_an_id_that_can() -> None:
    labels = ("con.nii.gz", "...mha", "NUL.x.mha", "COM1/ct_xray_data.h5", "\u00e9\u00e9.mha")
    ids = name_scans([Scan(label, label, (), "file") for label in labels], "stem")
    assert ids == ["scan_con", "scan", "scan_NUL.x", "scan_COM1", "scan-2"]


def scans() -> list[Scan]:
    rows = [("a/John Doe.nii.gz", "k1"), ("b (series 1, B40f)", "k2"), ("b (series 2)", "k2"),
            ("X2/ct_xray_data.h5", "k3")]  # fmt: skip
    return [Scan(label, patient, (), "file") for label, patient in rows]


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("hash", ["k1", "k2", "k2-2", "k3"]),
        ("number", ["0001", "0002", "0002-2", "0003"]),
        ("stem", ["John_Doe", "b", "b-2", "X2"]),
    ],
)
def test_ids_follow_the_scheme(scheme: str, expected: list[str]) -> None:
    assert name_scans(scans(), scheme) == expected
