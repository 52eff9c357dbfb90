"""One scan to one patient's files: read, find the body, resample, project, write."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import Tensor

from repcat.config.film_table import BANK
from repcat.data.cast import AIR_HU, BONE_HU
from repcat.data.ct.scan_discovery import Scan
from repcat.data.film.bank import FilmBank
from repcat.data.grey_levels import percentiles
from repcat.data.intensity import to_unit
from repcat.data.prepare.body import find_body, remove_table
from repcat.data.prepare.crop import place
from repcat.data.prepare.quality import check_human_size, judge
from repcat.data.prepare.resample import Lattice, resample
from repcat.data.prepare.settings import Settings
from repcat.data.store.dataset_dir import patient_file
from repcat.data.store.patient_file import (
    Record,
    is_intact,
    read_header,
    read_patient,
    write_patient,
)
from repcat.device import is_out_of_memory
from repcat.errors import DataError
from repcat.hounsfield import attenuation
from repcat.io.atomic import atomic_file
from repcat.registry.plugins import load_parts
from repcat.rng import generator

# A record and its title to the bytes of a PNG; a function that another process can import.
Preview = Callable[[Record, str], bytes]


@dataclass(frozen=True, slots=True)
class Job:
    """A scan and what it will be called."""

    id: str
    scan: Scan

    @property
    def origin(self) -> str:
        """Hash of which files it is made from: a changed scan is made again."""
        digest = hashlib.sha256(f"{self.scan.patient} {self.scan.label}".encode())
        for path in self.scan.paths:
            digest.update(f" {path.stat().st_size}".encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job; `reason` says why nothing was written."""

    id: str
    reason: str = ""


def make_patient(
    job: Job, settings: Settings, out: Path, preview: Preview | None = None
) -> Outcome:
    """Write previews/<id>.png, drawn by `preview`, and then patients/<id>.safetensors.

    What is wrong with one scan is an outcome; a full disk stops everything and is raised.
    """
    picture = out / "previews" / f"{job.id}.png"
    if is_made(job, settings, out):
        if "thumbnail" not in read_header(patient_file(out, job.id)):
            _renew(patient_file(out, job.id))
        if preview and not picture.exists():
            _draw(preview, picture, read_patient(patient_file(out, job.id)))
        return Outcome(job.id)
    try:
        record = make_record(job, settings)
    except DataError as error:
        # Files say their own name first, and so does the list of what is left out.
        return Outcome(job.id, str(error).removeprefix(f"{job.scan.paths[0].name}: "))
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return Outcome(job.id, "not enough memory for this scan; use fewer --jobs")
    if preview:
        _draw(preview, picture, record)
    write_patient(patient_file(out, job.id), record)
    return Outcome(job.id)


def is_made(job: Job, settings: Settings, out: Path) -> bool:
    """Whether the patient's file is there, whole, of these settings and this scan."""
    path = patient_file(out, job.id)
    try:
        header = read_header(path)
        same = (header.get("settings"), header.get("origin")) == (settings.key(), job.origin)
        return same and is_intact(path)
    except (DataError, LookupError, SafetensorError):
        return False


def _renew(path: Path) -> None:
    """Write an older repcat's file again: the same contents under a header of today."""
    write_patient(path, read_patient(path))


def _draw(preview: Preview, picture: Path, record: Record) -> None:
    with atomic_file(picture) as part:
        part.write_bytes(preview(record, picture.stem))


def make_record(job: Job, settings: Settings) -> Record:
    """Turn a scan into a cube and its X-rays; DataError says why it cannot be."""
    scan = job.scan.read()
    check_human_size(scan)
    body = find_body(scan.hu, scan.spacing_mm)
    height = scan.hu.shape[0] * scan.spacing_mm[0]
    middle = place(body, height, settings.cube_mm, settings.place)
    notes = judge(scan, body, middle, settings)
    size = settings.size
    lattice = Lattice((size, size, size), settings.cube_mm / size, middle)
    hu = resample(scan.hu, scan.spacing_mm, lattice)
    if settings.remove_table:
        hu = remove_table(hu, body, lattice)
    integrals = project(hu, settings)
    if settings.film is not None:
        integrals = make_films(integrals, hu, settings, job.id)
    x, y, z = (c + m for c, m in zip(scan.centre_mm, reversed(middle), strict=True))
    return Record(
        volume=(hu.clamp(*settings.clip) if settings.clip else hu).round().to(torch.int16),
        integrals=integrals,
        geometry=settings.scene(),
        views=settings.views,
        centre_mm=(x, y, z),
        spacing_mm=scan.spacing_mm,
        source=job.scan.label,
        notes=tuple(dict.fromkeys((*scan.notes, *notes))),
        settings=settings.key(),
        origin=job.origin,
    )


def project(hu: Tensor, settings: Settings) -> Tensor:
    """Make the X-rays (N, rows, columns) of a cube (D, H, W), as line integrals.

    HU are not clipped to the stored range: metal and dense bone absorb as they do.
    """
    integrals = _cast(hu, settings)
    if settings.bits:
        integrals = to_unit(integrals, bits=settings.bits) * integrals.amax((1, 2), keepdim=True)
    return integrals


def make_films(integrals: Tensor, hu: Tensor, settings: Settings, patient: str) -> Tensor:
    """Make films of X-rays by all effects of the bank, a function of the seed and the patient.

    They are kept as if they were line integrals: each film's 2nd and 98th percentile are those of
    the X-ray that it was made of.
    """
    most = integrals.amax((1, 2), keepdim=True).clamp(min=1e-6)
    greys = torch.stack([percentiles(one[None]) for one in integrals / most])
    bone = _cast(torch.where(hu >= BONE_HU, hu, torch.full_like(hu, AIR_HU)), settings)
    chance = generator(settings.film, "film", patient)
    return FilmBank(BANK, settings.scene())(integrals, greys, chance, bone) * most


def _cast(hu: Tensor, settings: Settings) -> Tensor:
    """Return the line integrals (N, rows, columns) of a cube (D, H, W)."""
    if settings.drr_window:
        hu = hu.clamp(*settings.drr_window)
    mu = attenuation(hu, settings.mu_water, settings.air_hu)
    projector = load_parts().projectors.get(settings.projector).factory()
    integrals: Tensor = projector(mu, settings.scene(), settings.views).float()
    return integrals
