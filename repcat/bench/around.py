"""What is around training: projecting, preparing, loading, scoring."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from torch import Tensor
from torch.nn import functional as F

from repcat.bench.found import Found, Options
from repcat.bench.small_recipe import phantom_volumes, small_recipe
from repcat.bench.timing import Work, measure
from repcat.config.default_projector import DEFAULT_PROJECTOR
from repcat.data.loader import PatientCache
from repcat.geometry import preset
from repcat.hounsfield import attenuation
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts
from repcat.scoring.protocols import Protocol, protocols
from repcat.types import Window
from repcat.view import View

EIGHT = tuple(View(45.0 * k) for k in range(8))
# Enough that starting the second process does not decide.
SCANS = 8


def project(options: Options) -> Found:
    """Time eight X-rays of one chest by each projector."""
    (hu,) = phantom_volumes(options.size, 1)
    mu = attenuation(hu).to(options.on)
    geometry = preset("default", size=options.size, cube_mm=400.0)
    makers = load_parts().projectors
    names = sorted(makers.names(), key=lambda n: n != DEFAULT_PROJECTOR)
    variants: dict[str, Work] = {n: partial(makers.make(n), mu, geometry, EIGHT) for n in names}
    return Found(measure(variants, {"views": 8}, options.repeats, options.on), options.on)


def prepare(options: Options) -> Found:
    """Time whole preparations of eight CTs of 512 x 512 x 133, 8 views, by one job and by two."""
    with tempfile.TemporaryDirectory() as folder:
        scans = _write_scans(Path(folder) / "ct")
        timed = partial(_prepare, scans, Path(folder), options.size)
        variants: dict[str, Work] = {"1 job": partial(timed, 1), "2 jobs": partial(timed, 2)}
        return Found(measure(variants, {"scans": SCANS}, options.repeats))


def load(options: Options) -> Found:
    """Time how a patient becomes a batch: made anew, and kept in memory."""
    recipe = small_recipe([f"data.size = {options.size}"])
    patients = open_patients(recipe, load_parts())
    cache, ids = PatientCache(patients, recipe), patients.ids("train")[:1]
    variants: dict[str, Work] = {
        "phantom": lambda: PatientCache(patients, recipe).batch(ids),
        "in memory": lambda: cache.batch(ids),
    }
    return Found(measure(variants, {"patients": 1}, options.repeats))


def score(options: Options) -> Found:
    """Time one patient's score by each protocol."""
    truth, other = phantom_volumes(options.size, 2)
    parts = load_parts()
    found = protocols(list(parts.protocols.parts), parts)
    variants: dict[str, Work] = {by.name: partial(_score, by, truth, other) for by in found}
    return Found(measure(variants, {"patients": 1}, options.repeats))


def _score(protocol: Protocol, truth: Tensor, other: Tensor) -> object:
    return protocol.against(truth, Window())(other)


def _write_scans(folder: Path) -> list[Path]:
    """Write phantoms as CTs of 512 x 512 x 133 voxels of .78 x .78 x 3 mm."""
    from repcat.io.volumes import write_mha

    for n, volume in enumerate(phantom_volumes(128, SCANS)):
        hu = F.interpolate(volume[None, None], size=(133, 512, 512), mode="trilinear")[0, 0]
        write_mha(folder / f"{n}.mha", hu, (3.0, 400 / 512, 400 / 512), (0.0, 0.0, 0.0), "")
    return [folder]


def _prepare(scans: list[Path], folder: Path, size: int, jobs: int) -> None:
    from repcat.data.prepare.pipeline import prepare as work
    from repcat.data.prepare.settings import Settings
    from repcat.data.prepare.splits import parse_split

    with tempfile.TemporaryDirectory(dir=folder) as out:
        work(scans, Path(out) / "set", Settings(size=size), parse_split(".8,.1,.1", 0), jobs)
