"""Patients that `repcat prepare` wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated

from annotated_types import Ge, Le
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import (
    SPLITS,
    DataError,
    Mark,
    Patient,
    Patients,
    Request,
    View,
    attenuation,
    read_dataset,
    read_patient,
)


class Prepared(Patients):
    """Real scans from a directory, in the views that were prepared, at their size or a part of it.

    A smaller size is an average over blocks of voxels and of pixels: the size must divide that of
    the dataset.
    """

    folder_option = "path"

    def __init__(
        self,
        request: Request,
        *,
        path: Annotated[str, Doc("directory that `repcat prepare` wrote")],
        train: Annotated[
            int,
            Ge(0),
            Le(1_000_000),
            Doc("patients to train on: a larger number adds to those of a smaller; 0: all"),
        ] = 0,
    ) -> None:
        self.dataset, self.train = read_dataset(path), train
        self.checked: set[str] = set()
        there = sum(row.split == "train" for row in self.dataset.rows)
        if train > there:
            msg = (
                f"data.train = {train}: the dataset {path} has {there} training patients; "
                "set it to that or less, or prepare more scans"
            )
            raise DataError(msg, code="too-few-patients")
        stored = self.dataset.geometry.voxels[0]
        if request.size < 1 or stored % request.size:
            fits = [str(n) for n in range(8, stored + 1) if stored % n == 0]
            msg = (
                f"the dataset {path} has {stored} voxels a side, which {request.size} does not "
                f"divide; prepare it again with --size {request.size}, or train with data.size "
                f"one of {', '.join(fits)}"
            )
            raise DataError(msg, code="other-size")
        self.factor = stored // request.size
        self.order = [_place(view, self.dataset.views, path) for view in request.views]
        self.geometry = self.dataset.geometry.resized(request.size)
        self.name = self.dataset.path.resolve().name
        self.fingerprint = self.dataset.content

    def ids(self, split: str) -> tuple[str, ...]:
        """Return the patients of a split in alphabetical order; none where it is empty.

        Which ones `train` keeps is a function of their ids: those whose hashes come first.
        """
        if split not in SPLITS:
            msg = f"{split!r} is no split; there are {', '.join(SPLITS)}"
            raise DataError(msg, code="no-such-split")
        found = sorted(row.id for row in self.dataset.rows if row.split == split)
        if split == "train" and self.train:
            found = sorted(sorted(found, key=_digest)[: self.train])
        return tuple(found)

    def check(self, ids: Iterable[str]) -> None:
        """Hold patients' files against their checksums, each once."""
        new = [patient for patient in ids if patient not in self.checked]
        self.dataset.check(new)
        self.checked.update(new)

    def load(self, patient: str) -> Patient:
        """Read a patient's file, choose the views and average down."""
        self.check([patient])
        record = read_patient(self.dataset.file(patient))
        volume, integrals = record.volume.float(), record.integrals[self.order]
        return Patient(
            patient,
            _shrink(volume[None, None], self.factor)[0, 0],
            _shrink(integrals[None], self.factor)[0],
            centre_mm=record.centre_mm,
        )

    def marks(self, split: str) -> Mapping[str, Mark]:
        """Return what the headers say."""
        return {name: self.dataset.marks[name] for name in self.ids(split)}

    def content(self, patient: str) -> str:
        """Return the hash of volume and X-rays in the patient's file, as its header keeps it."""
        return self.dataset.marks[patient].content

    def attenuate(self, hu: Tensor) -> Tensor:
        """Turn HU into attenuation as `repcat prepare` was told to."""
        settings = self.dataset.settings
        if settings["drr_window"]:
            hu = hu.clamp(*settings["drr_window"])
        return attenuation(hu, settings["mu_water"], settings["air_hu"])


def _digest(patient: str) -> str:
    return hashlib.sha256(patient.encode()).hexdigest()


def _place(view: View, stored: tuple[View, ...], path: str) -> int:
    """Return where a view lies among those of the dataset."""
    for k, one in enumerate(stored):
        near = abs(one.azimuth - view.azimuth) < 1e-6 and abs(one.tilt - view.tilt) < 1e-6
        if near and one.mirrored == view.mirrored:
            return k
    msg = (
        f"the dataset {path} has no view {view}; it has {', '.join(map(str, stored))} (degrees): "
        "choose among them, or prepare it again with --views"
    )
    raise DataError(msg, code="no-such-view")


def _shrink(values: Tensor, factor: int) -> Tensor:
    """Average over blocks of `factor` along the last axes of (1, C, ...)."""
    if factor == 1:
        return values
    pool = F.avg_pool3d if values.dim() == 5 else F.avg_pool2d
    return pool(values, factor)
