from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch

from repcat.data.store.patient_file import Record, read_header, read_patient, write_patient
from repcat.errors import DataError
from repcat.geometry import preset
from repcat.view import View


def record(size: int = 8) -> Record:
    torch.manual_seed(0)
    return Record(
        volume=torch.randint(-1000, 1000, (size, size, size), dtype=torch.int16),
        integrals=torch.rand(2, size, size) * 40,
        geometry=preset("x2ct", size=size, cube_mm=320),
        views=(View(0.0), View(180.0, mirrored=True)),
        centre_mm=(1.0, -2.0, 3.5),
        spacing_mm=(2.5, 0.7, 0.7),
        source="a.nii.gz",
        notes=("one", "two"),
        settings="k",
        origin="o",
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    one = record()
    write_patient(tmp_path / "a.safetensors", one)
    back = read_patient(tmp_path / "a.safetensors")
    assert torch.equal(back.volume, one.volume)
    assert torch.allclose(back.integrals, one.integrals, rtol=5e-4, atol=40 * 3e-8)
    for name in ("geometry", "views", "centre_mm", "spacing_mm", "source", "notes", "settings"):
        assert getattr(back, name) == getattr(one, name)


def test_equal_patients_give_equal_bytes_and_the_header_warns(tmp_path: Path) -> None:
    for name in "ab":
        write_patient(tmp_path / name, record())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert "research use only" in read_header(tmp_path / "a")["notice"]


def test_no_x_ray_at_all_is_kept_as_zero(tmp_path: Path) -> None:
    dark = Record(
        torch.zeros(8, 8, 8), torch.zeros(1, 8, 8), preset("default", size=8, cube_mm=100),
        (View(0.0),), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0),
    )  # fmt: skip
    write_patient(tmp_path / "a", dark)
    assert read_patient(tmp_path / "a").integrals.abs().max() == 0


@pytest.mark.parametrize("keep", [0, 5, 600, -1])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.safetensors"
    write_patient(path, record())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match="code: patient-damaged"):
        read_patient(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="code: patient-missing"):
        read_header(tmp_path / "b.safetensors")


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="code: cannot-write"):
        write_patient(tmp_path / "a.safetensors", record())
    assert list(tmp_path.iterdir()) == []
