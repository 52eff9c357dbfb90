"""Readers of what `repcat prepare` and `repcat fetch` wrote."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Sequence
from dataclasses import astuple, fields, replace
from pathlib import Path

import torch

from repcat import Request, View, preset
from repcat.data.download.source_record import NAME, check_same_source
from repcat.data.prepare.output_dir import open_directory
from repcat.data.prepare.settings import FORMAT, Settings
from repcat.data.store import dataset_dir, patient_file
from repcat.data.store.patient_file import Record, is_intact, read_patient, write_patient
from repcat.errors import RepcatError
from repcat.io.checksums import SUMS, damaged_files, write_checksums
from repcat_plugins.datasets.prepared import Prepared
from tests.fuzz.target import Read, target

SIZE = 8
VIEWS = (View(0.0), View(90.0))
SETTINGS = Settings(size=SIZE, views=VIEWS)


def write_dataset(folder: Path) -> Path:
    """Write a whole dataset of two patients."""
    geometry = preset("default", size=SIZE, cube_mm=400.0)
    volume = torch.arange(SIZE**3).reshape(SIZE, SIZE, SIZE)
    record = Record(volume, torch.rand(2, SIZE, SIZE), geometry, VIEWS, (0.0,) * 3, (1.0,) * 3, "a")
    rows = []
    (folder / "patients").mkdir(parents=True)
    for name, split in (("p0", "train"), ("p1", "test")):
        one = replace(record, source=name, settings=SETTINGS.key(), origin=name, notes=("n",))
        write_patient(dataset_dir.patient_file(folder, name), one)
        rows.append(dataset_dir.Row(name, split, name, "1 1 1", ""))
    with (folder / "patients.csv").open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(field.name for field in fields(dataset_dir.Row))
        writer.writerows(astuple(row) for row in rows)
    table = {
        "format": FORMAT,
        "settings": SETTINGS.table(),
        "geometry": geometry.to_dict(),
        "views": [{"azimuth": v.azimuth, "mirrored": v.mirrored} for v in VIEWS],
        "content": {"hash": dataset_dir.content_hash(folder, rows)},
    }
    dataset_dir.write_table(folder, table)
    return folder


def use(folder: Path) -> None:
    """Do with a dataset what training does."""
    patients = Prepared(Request(SIZE, VIEWS, lambda *_: torch.zeros(2, 8, 8)), path=str(folder))
    for split in ("train", "validation", "test"):
        for patient in patients.ids(split):
            patients.load(patient)
    patients.attenuate(torch.zeros(2, 2, 2))


@target(
    "dataset.toml",
    "[settings] [geometry] [content] [[views]] format hash mu_water drr_window voxels",
)
def dataset_toml(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The settings and geometry of a dataset."""
    file = write_dataset(folder / "set") / "dataset.toml"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        with contextlib.suppress(RepcatError):
            open_directory(file.parent, SETTINGS, {"p0", "p1"})
        use(file.parent)

    return [file.read_bytes()], once


@target("patients.csv", 'id split source spacing notes train test validation p0 p1 ../ "')
def patients_csv(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The table of patients."""
    file = write_dataset(folder / "set") / "patients.csv"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        use(file.parent)

    return [file.read_bytes()], once


@target(
    "patient",
    "geometry views centre_mm spacing_mm integral_scale notes content I16 F16 volume integrals",
)
def patient(folder: Path) -> tuple[Sequence[bytes], Read]:
    """A patient's file, header and tensors."""
    file = write_dataset(folder / "set") / "patients" / "p0.safetensors"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        with contextlib.suppress(RepcatError):
            is_intact(file)
        read_patient(file)

    return [file.read_bytes()], once


@target(
    "patient-header", "geometry views centre_mm spacing_mm integral_scale notes content cone null"
)
def patient_header(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The JSON in a patient's header, in a file that is whole."""
    from safetensors import safe_open
    from safetensors.torch import save_file

    file = write_dataset(folder / "set") / "patients" / "p0.safetensors"
    with safe_open(file, "pt") as found:
        tensors = {name: found.get_tensor(name) for name in ("volume", "integrals")}
        text = found.metadata()[patient_file.HEADER]

    def once(data: bytes) -> None:
        save_file(tensors, file, {patient_file.HEADER: data.decode("utf-8", "replace")})
        with contextlib.suppress(RepcatError):
            is_intact(file)
        with contextlib.suppress(RepcatError):
            dataset_dir.content_hash(file.parents[1], [dataset_dir.Row("p0", "train", "", "", "")])
        read_patient(file)

    return [text.encode()], once


@target("SOURCE.toml", "collection seed index series uid")
def source(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The record beside what was downloaded."""
    table = {"collection": "lctsc", "seed": 0, "index": "x 1"}

    def once(data: bytes) -> None:
        (folder / NAME).write_bytes(data)
        check_same_source(folder, table)

    return [b'collection = "lctsc"\nseed = 0\nindex = "x 1"\n[[series]]\nuid = "1"\n'], once


@target("SHA256SUMS", "../x /etc/passwd a  ")
def checksums(folder: Path) -> tuple[Sequence[bytes], Read]:
    """The list of checksums of a folder."""
    (folder / "a").write_text("a")
    write_checksums(folder)

    def once(data: bytes) -> None:
        (folder / SUMS).write_bytes(data)
        damaged_files(folder)
        damaged_files(folder, ["a"])

    return [(folder / SUMS).read_bytes()], once
