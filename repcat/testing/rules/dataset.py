"""Rules of a dataset."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from repcat.config.default_projector import DEFAULT_PROJECTOR
from repcat.contracts import SPLITS, Patients, Request
from repcat.data.patient_id import RULE, is_id
from repcat.errors import DataError, RepcatError, shown
from repcat.registry.plugins import load_parts
from repcat.testing.docs import Subject
from repcat.testing.fixtures import TWO
from repcat.testing.result import Verdict, check, judge, rules_in
from repcat.types import Patient, Projector
from repcat.view import View

SMALL = 16


@dataclass(frozen=True)
class Trial:
    """A dataset on trial: the patients of a request, and how to open them again."""

    open: Callable[[], Patients]
    request: Request
    patients: Patients

    def first(self) -> Patient:
        """Load the first patient of the first split that has one."""
        return self.patients.load(next(i for s in SPLITS for i in self.patients.ids(s)))


def has_a_name_and_a_fingerprint(trial: Trial) -> None:
    """Its name goes into names of files; its fingerprint is the same when it is opened again."""
    found = trial.patients
    check(isinstance(found, Patients), f"it is a {type(found).__name__}: derive from Patients")
    name = str(getattr(found, "name", ""))
    check(bool(name) and "/" not in name, f"name = {name!r} cannot be part of a file's name")
    mark = getattr(found, "fingerprint", "")
    check(isinstance(mark, str) and bool(mark), "it has no fingerprint: hash what the data is")
    again = trial.open().fingerprint
    check(mark == again, f"opened twice, its fingerprint is {mark!r} and {again!r}")


def names_its_patients_safely(trial: Trial) -> None:
    """Ids go into names of files: letters, digits, '.', '_' and '-', at most 100, no path."""
    every = [one for split in SPLITS for one in trial.patients.ids(split)]
    wrong = [one for one in every if not is_id(one)]
    check(not wrong, f"{shown(wrong[:1])} cannot name a patient's files; use {RULE}")


def tells_patients_apart(trial: Trial) -> None:
    """The content of a patient is his own, and the same when the dataset is opened again."""
    patients, again = trial.patients, trial.open()
    ids = [i for s in SPLITS for i in patients.ids(s)][:20]
    found = {i: patients.content(i) for i in ids}
    check(all(isinstance(c, str) and c for c in found.values()), "a content is no text: hash it")
    check(len(set(found.values())) == len(found), "two patients have one content: hash each alone")
    check(all(again.content(i) == c for i, c in found.items()), "opened twice, a content changes")


def keeps_splits_apart(trial: Trial) -> None:
    """No patient is in two splits, none twice, and the order is always the same."""
    ids = {split: trial.patients.ids(split) for split in SPLITS}
    check(any(ids.values()), "it has no patient in any split")
    for split, found in ids.items():
        check(found == trial.open().ids(split), f"the order of {split} changes")
        check(all(isinstance(i, str) for i in found), f"ids of {split} are not all text")
    every = [i for found in ids.values() for i in found]
    twice = sorted({i for i in every if every.count(i) > 1}) if len(every) < 5000 else []
    check(len(every) == len(set(every)), f"{twice[:1]} is there twice: a patient is in one split")


def loads_what_was_requested(trial: Trial) -> None:
    """A cube of the size, in HU, and an image a view of that size, of line integrals."""
    patient, n = trial.first(), trial.request.size
    shapes = tuple(patient.volume.shape), tuple(patient.integrals.shape)
    wanted = (n, n, n), (len(trial.request.views), n, n)
    check(shapes == wanted, f"volume and integrals are {shapes}, the request asks for {wanted}")
    for name, tensor in (("volume", patient.volume), ("integrals", patient.integrals)):
        check(tensor.is_floating_point(), f"{name} is {tensor.dtype}: return float32")
        check(bool(tensor.isfinite().all()), f"{name} holds NaN or infinity")
    low, high = float(patient.volume.min()), float(patient.volume.max())
    check(-3100 <= low <= high <= 32000 and high > low, f"{low:g} to {high:g} cannot be HU")
    check(bool((patient.integrals >= -1e-3).all()), "a line integral is negative")
    voxels, pixels = trial.patients.geometry.voxels, trial.patients.geometry.pixels
    fits = voxels == (n, n, n) and pixels == (n, n)
    check(fits, f"its geometry has {voxels} voxels and {pixels} pixels; use Geometry.resized({n})")


def loads_the_same_twice(trial: Trial) -> None:
    """A patient is the same bits, whoever asks and whenever."""
    one = trial.first()
    again = trial.open().load(one.id)
    same = torch.equal(one.volume, again.volume) and torch.equal(one.integrals, again.integrals)
    check(same, f"patient {one.id!r} is another when loaded again: seed by his id")


def shows_patients_as_its_geometry_says(trial: Trial) -> None:
    """Its X-rays resemble projections of its volumes as they are, more than any mirror image."""
    patient, geometry = trial.first(), trial.patients.geometry
    mu = trial.patients.attenuate(patient.volume)
    images = trial.request.project(mu, geometry, trial.request.views)
    flips: tuple[tuple[int, ...], ...] = ((), (1,), (2,), (1, 2))
    scores = [_likeness(images.flip(f), patient.integrals) for f in flips]
    check(
        scores[0] == max(scores),
        f"projected in its geometry, a volume resembles its own X-rays less ({scores[0]:.3f}) than "
        f"turned over ({max(scores):.3f}): volumes are (z, y, x), z to the head, y to the back, x "
        "to the left; rows run from head to foot",
    )


def _likeness(one: Tensor, other: Tensor) -> float:
    return float(torch.corrcoef(torch.stack((one.flatten(), other.flatten())))[0, 1])


def refuses_what_it_has_not(trial: Trial) -> None:
    """An unknown patient is a DataError in one line."""
    try:
        trial.patients.load("nobody-has-this-id")
    except RepcatError:
        return
    except Exception as error:
        msg = f"an unknown patient raises {type(error).__name__}; raise repcat.DataError with help"
        raise AssertionError(msg) from error
    check(False, "it loads a patient that it has not")


RULES = rules_in(__name__)


def verdicts(subject: Subject, *, size: int | None = None) -> list[Verdict]:
    """Try a dataset by every rule: frontal and lateral views at `size`, or what it takes."""
    project: Projector = load_parts().projectors.get(DEFAULT_PROJECTOR).factory()
    views = tuple(View(a) for a in TWO)
    make: Callable[..., Patients] = partial(subject.factory, **subject.options)
    found = size or _size(lambda n: make(Request(n, views, project)))
    request = Request(found, views, project)
    return judge(RULES, Trial(partial(make, request), request, make(request)))


def _size(attempt: Callable[[int], Patients]) -> int:
    """Find a small size that the dataset has."""
    for n in (SMALL, 8, 12, 20, 24, 32, 48, 64, 80, 96, 128):
        with suppress(DataError):
            attempt(n)
            return n
    return SMALL
