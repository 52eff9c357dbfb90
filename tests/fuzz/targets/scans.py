"""Readers of CT scans: what `repcat prepare` finds and reads in a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import torch

from repcat.data.ct.reader import read_bound
from repcat.data.ct.scan_discovery import find_scans
from repcat.errors import RepcatError
from repcat.io.volumes import write_mha
from tests.fuzz.target import Read, target
from tests.fuzz.targets.dicom import ct_slices
from tests.fuzz.targets.films import FORMATS

HU = np.random.default_rng(0).integers(-1_000, 1_000, (6, 5, 4)).astype(np.int16)
SLOW = 0.3


def scan_in(folder: Path, name: str) -> Read:
    """Return a reader of all scans of a folder, one of whose files is written first."""

    def once(data: bytes) -> None:
        (folder / name).write_bytes(data)
        scans, _ = find_scans([folder])
        for scan in scans:
            try:
                scan.read()
            except RepcatError as error:
                assert error.code or str(error)

    return once


def _of(name: str) -> Callable[[Path], tuple[Sequence[bytes], Read]]:
    def build(folder: Path) -> tuple[Sequence[bytes], Read]:
        image = sitk.GetImageFromArray(HU)
        image.SetSpacing([2.0, 2.0, 3.0])
        seeds = []
        for packed in (False, True):
            sitk.WriteImage(image, str(folder / name), packed)
            seeds.append((folder / name).read_bytes())
        return seeds, scan_in(folder, name)

    return build


for _ending in ("nii", "nii.gz", "mha", "mhd", "nrrd", "nhdr"):
    _kind = {"nii.gz": "nii", "mhd": "mha", "nhdr": "nrrd"}.get(_ending, _ending)
    _more = b" ElementDataFile a.raw ../../x LIST data file:"
    _words = FORMATS[_kind]
    _known = _words if isinstance(_words, bytes) else _words.encode()
    target(f"ct-{_ending}", _known + _more, SLOW)(_of(f"a.{_ending}"))


@target("ct-h5", "ct xray1 HDF TREE SNOD HEAP OHDR", SLOW)
def h5(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Files of X2CT-GAN."""
    import h5py

    path = folder / "ct_xray_data.h5"
    with h5py.File(path, "w") as file:
        file["ct"] = (HU + 1_024).astype(np.uint16)
        file["xray1"] = HU[:, :, 0].astype(np.uint8)
    return [path.read_bytes()], scan_in(folder, path.name)


@target(
    "ct-dicom",
    b"CT MR OB OW SQ UN \xff\xff\xff\xff \xfe\xff\x00\xe0 \xe0\x7f\x10\x00 1.2.840.10008.1.2.1",
    0.1,
)
def dicom(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A series, one of whose slices is damaged."""
    first, *others = ct_slices()
    for n, one in enumerate(others):
        (folder / f"{n}.dcm").write_bytes(one)
    return [first], scan_in(folder, "x.dcm")


@target("interval-mha", FORMATS["mha"], SLOW)
def interval(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The lower or upper end of an interval, as `repcat predict` wrote it."""
    file = folder / "p.lower.mha"
    write_mha(file, torch.from_numpy(HU), (3.0, 2.0, 2.0), (0.0, 0.0, 0.0), "lower end")

    def once(data: bytes) -> None:
        file.write_bytes(data)
        read_bound(file)

    return [file.read_bytes()], once
