"""Headers of strangers' files, checked before a library sees them; in this process, so guided."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from repcat.errors import RepcatError
from repcat.io.strangers import dicom, metaimage, nifti, npy_file, nrrd
from repcat.io.strangers.answer import Facts, empty_array
from tests.fuzz.target import Read, target
from tests.fuzz.targets.dicom import ct_slices
from tests.fuzz.targets.films import FORMATS, SHADES
from tests.fuzz.targets.scans import HU


def _at(path: Path, check: Callable[[Path], object]) -> Read:
    def once(data: bytes) -> None:
        path.write_bytes(data)
        check(path)

    return once


def _volume(
    name: str, check: Callable[[Path], object]
) -> Callable[[Path], tuple[list[bytes], Read]]:
    def build(folder: Path) -> tuple[list[bytes], Read]:
        path = folder / name
        seeds = []
        for packed in (False, True):
            sitk.WriteImage(sitk.GetImageFromArray(HU), str(path), packed)
            seeds.append(path.read_bytes())
        return seeds, _at(path, check)

    return build


for _name, _check, _words in (
    ("a.mha", metaimage.read_claim, FORMATS["mha"]),
    ("a.mhd", metaimage.read_claim, FORMATS["mha"]),
    ("a.nrrd", nrrd.read_claim, FORMATS["nrrd"]),
    ("a.nhdr", nrrd.read_claim, FORMATS["nrrd"]),
    ("a.nii", nifti.promised_by, FORMATS["nii"]),
    ("a.nii.gz", nifti.promised_by, FORMATS["nii"]),
):
    target(f"header-{_name[2:]}", _words)(_volume(_name, _check))


@target(
    "header-npy", "{'descr': '<f4' '|O' 'fortran_order': True, 'shape': (12, 10), } (0,16) 99999999"
)
def npy(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Arrays of numpy."""
    path = folder / "a.npy"
    np.save(path, SHADES)
    return [path.read_bytes()], _at(path, npy_file.read_npy)


@target(
    "header-dicom", b"SQ UN OB \xff\xff\xff\xff \xfe\xff\x00\xe0 \xfe\xff\x0d\xe0 \xe0\x7f\x10\x00"
)
def sequences(folder: Path) -> tuple[Sequence[bytes], Read]:
    """How deep sequences nest."""

    def check(path: Path) -> None:
        dicom.check_depth(path)
        dicom.is_packed(path)

    return ct_slices(1), _at(folder / "a.dcm", check)


@target("child-answer", 'facts arrays fault opens sha256 "<f4" [2,2] null NaN 1e400')
def answer(folder: Path) -> tuple[Sequence[bytes], Read]:
    """What a reading child says, were it taken over."""

    def once(data: bytes) -> None:
        try:
            said = json.loads(data.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return
        facts = Facts({"line": said})
        for read in (
            lambda: facts.inner("line").text("a"),
            lambda: facts.inner("line").texts("b"),
            lambda: facts.inner("line").numbers("c"),
            lambda: [empty_array(told, 10_000) for told in facts.inner("line").items("arrays")],
        ):
            with contextlib.suppress(RepcatError):
                read()

    return [b'{"a": "x", "b": ["y"], "c": [1, 2.5], "arrays": [["<f4", [2, 2]]]}'], once
