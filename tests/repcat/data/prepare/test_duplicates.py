"""One scan that is given under two names."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from repcat.data.ct.scan_discovery import find_scans
from repcat.data.prepare.pipeline import Report, prepare
from repcat.data.prepare.settings import Settings
from repcat.data.prepare.splits import parse_split
from repcat.data.store.dataset_dir import patient_file, read_dataset
from repcat.data.store.patient_file import HEADER, read_header
from repcat.errors import DataError
from repcat.io.volumes import write_mha
from repcat.view import View

SMALL = Settings(size=16, views=(View(0.0),), ids="stem")


def chest(low_mm: float = 0) -> torch.Tensor:
    z, y, x = torch.meshgrid(*[(torch.arange(n) - (n - 1) / 2) * 8 for n in (40, 36, 40)],
                             indexing="ij")  # fmt: skip
    hu = torch.full(x.shape, -1000.0)
    hu[(x / 100) ** 2 + (y / 70) ** 2 < 1] = 30
    hu[((x.abs() - 45) / 35) ** 2 + (y / 45) ** 2 + ((z + low_mm) / 100) ** 2 < 1] = -850
    return hu


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Two patients, a and b."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for name, low_mm in (("a", 0), ("b", 60)):
        write_mha(folder / f"{name}.mha", chest(low_mm), (8.0, 8.0, 8.0), (0.0, 0.0, 0.0), "test")
    return folder


def run(scans: Path, split: str) -> Report:
    return prepare([scans], scans.parent / "d", SMALL, parse_split(split))


def table(scans: Path, **splits: str) -> str:
    path = scans.parent / "s.csv"
    path.write_text("id,split\n" + "".join(f"{k},{v}\n" for k, v in splits.items()))
    return str(path)


def test_a_scan_under_two_names_is_kept_once_in_a_split(scans: Path) -> None:
    shutil.copy(scans / "a.mha", scans / "z.mha")
    report = run(scans, "0,0,1")
    assert [row.id for row in report.prepared] == ["a", "b"]
    assert [(s.label, s.reason) for s in report.skipped] == [
        ("z.mha", "the same scan as a.mha, which is kept as a")
    ]
    assert sorted(p.stem for p in (scans.parent / "d/patients").iterdir()) == ["a", "b"]
    assert len(read_dataset(scans.parent / "d").rows) == 2
    assert run(scans, "0,0,1") == report


def test_a_scan_in_train_and_test_under_two_names_is_refused(scans: Path) -> None:
    shutil.copy(scans / "a.mha", scans / "z.mha")
    with pytest.raises(DataError, match=r"a \(a\.mha\) in train and z \(z\.mha\) in test are the"):
        run(scans, table(scans, a="train", b="train", z="test"))
    with pytest.raises(DataError, match="code: dataset-unfinished"):
        read_dataset(scans.parent / "d")
    assert len(run(scans, table(scans, a="train", b="train", z="train")).prepared) == 2


def test_one_scan_under_four_names_is_not_shared_out(scans: Path) -> None:
    for name in "wxyz":
        shutil.copy(scans / "a.mha", scans / f"{name}.mha")
    with pytest.raises(DataError, match=r"are the same scan(, and \d more pairs?)?; list both"):
        run(scans, ".8,.1,.1")


def test_a_scan_saved_again_with_noise_is_known(scans: Path) -> None:
    noisy = chest() + 20 * torch.randn(40, 36, 40, generator=torch.Generator().manual_seed(0))
    write_mha(scans / "z.mha", noisy, (8.0, 8.0, 8.0), (5.0, 0.0, 0.0), "test")
    with pytest.raises(DataError, match="look like one scan"):
        run(scans, table(scans, a="train", b="train", z="test"))
    report = run(scans, "0,0,1")
    assert len(report.prepared) == 3
    (remark,) = report.remarks
    assert "a (a.mha) and z (z.mha) look like one scan" in remark and "twice" in remark


def test_a_dataset_of_an_older_repcat_is_brought_up_to_date_and_keeps_its_hash(
    scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(scans, "0,0,1")
    folder = scans.parent / "d"
    for name in "ab":
        _take_thumbnail(patient_file(folder, name))
    before = read_dataset(folder)
    assert {m.thumbnail for m in before.marks.values()} == {""}
    monkeypatch.setattr("repcat.data.prepare.scan_to_patient.make_record", None)
    run(scans, "0,0,1")
    after = read_dataset(folder)
    assert after.content == before.content
    assert len({m.thumbnail for m in after.marks.values()}) == 2


def _take_thumbnail(path: Path) -> None:
    """Write a header as it was before there were thumbnails."""
    header = read_header(path)
    del header["thumbnail"]
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in ("volume", "integrals")}
    save_file(tensors, path, {HEADER: json.dumps(header, sort_keys=True)})


@pytest.mark.real
def test_one_real_scan_in_two_formats_is_refused(real: Path, tmp_path: Path) -> None:
    sources = [real / "volumes/nlst_101287.nii.gz", real / "volumes/cip_ct64_lowres.nii.gz"]
    volume = find_scans(sources[:1])[0][0].read()
    z, y, x = volume.spacing_mm
    write_mha(tmp_path / "again.mha", volume.hu.float(), (z, y, x), (0.0, 0.0, 0.0), "test")
    settings = replace(SMALL, size=32)
    split = table(tmp_path / "x", nlst_101287="train", cip_ct64_lowres="test", again="test")
    with pytest.raises(DataError, match="code: one-scan-in-two-splits"):
        prepare([*sources, tmp_path / "again.mha"], tmp_path / "d", settings, parse_split(split))
