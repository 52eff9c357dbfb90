from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from repcat.data.ct.h5 import read_volume
from repcat.data.ct.reader import read_h5
from repcat.errors import DataError
from repcat.io.strangers.job import Job


def write(path: Path, **arrays: np.ndarray) -> Path:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return path


@pytest.fixture
def patient() -> np.ndarray:
    """A body (z, y, x) as X2CT-GAN stores it, narrower towards the head, its left arm brighter."""
    ct = np.zeros((32, 32, 32), np.int16)
    for z in range(32):
        ct[z, 8:24, z // 4 + 2 : 30 - z // 4] = 1064
    ct[:16, 14:18, 24:28] = 2024
    return ct


def film(ct: np.ndarray) -> np.ndarray:
    """A frontal X-ray with rows from head to foot, of twice the size."""
    return np.kron(ct.sum(1)[::-1] / 200, np.ones((2, 2))).astype(np.uint8)


def test_hounsfield_units_and_millimetres_of_x2ct(tmp_path: Path, patient: np.ndarray) -> None:
    volume = read_h5(write(tmp_path / "a.h5", ct=patient, xray1=film(patient)))
    assert np.array_equal(volume.hu.numpy(), patient - 1024)
    assert volume.spacing_mm == (10.0, 10.0, 10.0)
    assert volume.centre_mm == (0.0, 0.0, 0.0)
    assert volume.notes == ("air stored as 0: 1024 subtracted", "spacing: 320 mm a side")


def test_a_volume_that_runs_from_head_to_foot_is_turned(
    tmp_path: Path, patient: np.ndarray
) -> None:
    volume = read_h5(write(tmp_path / "a.h5", ct=patient[::-1], xray1=film(patient)))
    assert np.array_equal(volume.hu.numpy(), patient - 1024)
    assert "slices ran from head to foot, as its X-ray shows: turned" in volume.notes


def test_without_x_rays_the_axes_are_taken_as_they_are(tmp_path: Path, patient: np.ndarray) -> None:
    volume = read_h5(write(tmp_path / "a.h5", ct=patient.astype(np.float64)))
    assert np.array_equal(volume.hu.numpy(), patient - 1024)


def test_other_files_are_refused(tmp_path: Path, patient: np.ndarray) -> None:
    (tmp_path / "cut.h5").write_bytes(write(tmp_path / "a.h5", ct=patient).read_bytes()[:999])
    bad = {
        write(tmp_path / "b.h5", volume=patient): "^b.h5: holds no 'ct'",
        write(tmp_path / "c.h5", ct=patient - 1024): "^c.h5: values down to -1024",
        write(tmp_path / "d.h5", ct=patient[0]): "^d.h5: 32 x 32 is not a volume",
        write(tmp_path / "e.h5", ct=patient / 2500): "^e.h5: values run from 0 to 0.8",
        write(tmp_path / "f.h5", ct=np.array([b"a"])): "^f.h5: holds no 'ct' of numbers",
        write(tmp_path / "g.h5", ct=np.array(3)): "^g.h5: one number is not a volume",
        tmp_path / "cut.h5": "^cut.h5: not a whole HDF5 file",
    }
    for path, words in bad.items():
        with pytest.raises(DataError, match=words):
            read_h5(path)


def test_the_extra_is_named_when_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "h5py":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DataError, match=r"pip install 'repcat\[h5\]'"):
        read_volume(Job([tmp_path / "a.h5"], {}))


def test_numbers_that_hdf5_would_take_from_another_file_are_never_looked_at(
    tmp_path: Path, patient: np.ndarray
) -> None:
    write(tmp_path / "other.h5", ct=patient)
    (tmp_path / "raw").write_bytes(patient.tobytes())
    links = [tmp_path / f"{kind}.h5" for kind in ("link", "soft", "stored", "virtual")]
    with h5py.File(links[0], "w") as file:
        file["ct"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "ct")
    with h5py.File(links[1], "w") as file:
        file["there"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/")
        file["ct"] = h5py.SoftLink("/there/ct")
    with h5py.File(links[2], "w") as file:
        outside = [(str(tmp_path / "raw"), 0, patient.nbytes)]
        file.create_dataset("ct", patient.shape, patient.dtype, external=outside)
    with h5py.File(links[3], "w") as file:
        layout = h5py.VirtualLayout(patient.shape, patient.dtype)
        layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "ct", patient.shape)
        file.create_virtual_dataset("ct", layout)
    for path in links:
        with pytest.raises(DataError, match="holds no 'ct' of numbers"):
            read_h5(path)


def test_numbers_that_were_never_written_are_not_made_up(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("ct", (4000, 4000, 4000), np.int16)
    with pytest.raises(DataError, match="its header promises 128 GB"):
        read_h5(tmp_path / "a.h5")
