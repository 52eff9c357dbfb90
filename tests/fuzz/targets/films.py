"""Readers of films: arrays, pictures, volumes with one slice, DICOM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from repcat.data.ct.reader import read_hu
from repcat.radiographs.read import read_film
from tests.fuzz.target import Read, target
from tests.fuzz.targets.dicom import dicom_bytes

ROWS, COLUMNS = np.mgrid[:12, :10]
SHADES = (ROWS * 400 + COLUMNS * 110 + 100).astype(np.uint16)
FORMATS = {
    "png": "IHDR IDAT IEND PLTE tRNS \x00\x00\xff\xff",
    "tiff": "II*\x00 MM\x00* \x00\x01 \x01\x11",
    "jpg": b"\xff\xd8 \xff\xd9 \xff\xc0 \xff\xc4 \xff\xda \xff\xdb \xff\xe0",
    "bmp": "BM \x00\x00\x01\x00",
    "mha": "NDims DimSize ElementType ElementSpacing CompressedData True MET_USHORT LOCAL",
    "nii": b"n+1 ni1 \x5c\x01\x00\x00",
    "nrrd": "NRRD0004 type: dimension: sizes: encoding: gzip raw endian: space: kinds: data file:",
}


def reader(folder: Path, name: str, pictures: Sequence[np.ndarray]) -> tuple[list[bytes], Read]:
    """Return seeds of a format that SimpleITK writes, and a reader of films of that name."""
    path = folder / f"film.{name}"
    seeds = []
    for pixels in pictures:
        sitk.WriteImage(sitk.GetImageFromArray(pixels), str(path))
        seeds.append(path.read_bytes())
    return seeds, film_at(path)


def film_at(path: Path) -> Read:
    """Return a reader of a film that is written first."""

    def once(data: bytes) -> None:
        path.write_bytes(data)
        read_film(path)

    return once


def _of(name: str) -> Callable[[Path], tuple[Sequence[bytes], Read]]:
    pictures = [(SHADES // 20).astype(np.uint8)] + [SHADES] * (name not in {"jpg", "bmp"})
    return lambda folder: reader(folder, name, pictures)


for _name, _words in FORMATS.items():
    target(f"film-{_name}", _words)(_of(_name))


@target(
    "film-npy", "{'descr': '<f4' '|O' 'fortran_order': True, 'shape': (12, 10), } (0,16) 99999999"
)
def npy(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Arrays of numpy."""
    path, seeds = folder / "film.npy", []
    for array in (SHADES, SHADES.astype(np.float32) / 999):
        np.save(path, array)
        seeds.append(path.read_bytes())
    return seeds, film_at(path)


@target(
    "volume-npy", "{'descr': '<f4' '|O' 'fortran_order': True, 'shape': (12, 10), } (0,16) 99999999"
)
def volume_npy(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Volumes of numpy, as `repcat metrics score` takes them."""
    path = folder / "volume.npy"
    np.save(path, np.zeros((4, 4, 4), np.float32))

    def once(data: bytes) -> None:
        path.write_bytes(data)
        read_hu(path)

    return [path.read_bytes()], once


@target(
    "film-dicom",
    b"CR DX OB OW SQ \xff\xff\xff\xff \xfe\xff\x00\xe0 MONOCHROME1 \x28\x00\x10\x00",
    0.3,
)
def dicom(folder: Path) -> tuple[Sequence[bytes], Read]:
    """CR and DX files."""
    tags = {"PixelSpacing": ["0.2", "0.2"], "ViewPosition": "PA"}
    seeds = [dicom_bytes(SHADES, "CR"), dicom_bytes(SHADES, "DX", **tags)]
    return seeds, film_at(folder / "film.dcm")
