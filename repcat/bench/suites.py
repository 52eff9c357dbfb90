"""What `repcat bench` measures: training, projecting, preparing, loading, scoring."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from torch import Tensor
from torch.nn import functional as F

from repcat.bench.timing import Timing, Work, measure
from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.config.schema import DEFAULT_PROJECTOR
from repcat.data.loader import PatientCache
from repcat.errors import RepcatError
from repcat.geometry import View, preset
from repcat.hounsfield import attenuation
from repcat.models.build import open_patients
from repcat.registry.options import nearest
from repcat.registry.plugins import load_parts
from repcat.scoring.protocols import Protocol, protocols
from repcat.training.session import Session
from repcat.types import Window

EIGHT = tuple(View(45.0 * k) for k in range(8))
# Enough that starting the second process does not decide.
SCANS = 8
PRECISIONS = ("fp32", "bf16")
RECIPE = """
data = {use = "phantoms", train = 8, validation = 1, test = 1}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [16, 32, 64, 128], res_units = 1}
objective.use = "l2"
train.batch_size = 4
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line may choose."""

    on: str = "cpu"
    repeats: int = 5
    size: int = 64
    recipe: Path | None = None
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a suite measured, on which device; of training, the losses of each variant's steps."""

    timings: list[Timing]
    on: str = "cpu"
    losses: Mapping[str, list[dict[str, float]]] = field(default_factory=dict)


def train(options: Options) -> Found:
    """Time whole steps of a recipe in fp32 and bf16, patients already in memory.

    With --set 'train.precision = ...' that one alone: then the memory is its own, too.
    """
    variants, losses, turns, batch = {}, {}, 1, 1
    asked = " ".join(s for s in options.settings if s.startswith("train.precision"))
    for precision in [p for p in PRECISIONS if p in asked] or PRECISIONS:
        settings = [*options.settings, f'train.precision = "{precision}"']
        recipe = _recipe(settings, options.recipe)
        session = Session(recipe, open_patients(recipe, load_parts()), load_parts(), options.on)
        losses[precision] = [session.run_step()]
        turns, batch = session.loader.drawn, recipe.train.batch_size
        variants[precision] = partial(_step, session, losses[precision])
    units = {"steps": 1, "turns": turns, "samples": turns * batch}
    return Found(measure(variants, units, options.repeats, options.on), options.on, losses)


def project(options: Options) -> Found:
    """Time eight X-rays of one chest by each projector."""
    (hu,) = _volumes(options.size, 1)
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
    recipe = _recipe([f"data.size = {options.size}"])
    patients = open_patients(recipe, load_parts())
    cache, ids = PatientCache(patients, recipe), patients.ids("train")[:1]
    variants: dict[str, Work] = {
        "phantom": lambda: PatientCache(patients, recipe).batch(ids),
        "in memory": lambda: cache.batch(ids),
    }
    return Found(measure(variants, {"patients": 1}, options.repeats))


def score(options: Options) -> Found:
    """Time one patient's score by each protocol."""
    truth, other = _volumes(options.size, 2)
    parts = load_parts()
    found = protocols(list(parts.protocols.parts), parts)
    variants: dict[str, Work] = {by.name: partial(_score, by, truth, other) for by in found}
    return Found(measure(variants, {"patients": 1}, options.repeats))


SUITES = {"train": train, "project": project, "prepare": prepare, "load": load, "score": score}


def suite(name: str, options: Options) -> Found:
    """Run a suite by name."""
    if name not in SUITES:
        msg = f"there is no bench called {name!r}{nearest(name, SUITES)}"
        raise RepcatError(msg, code="no-such-bench")
    return SUITES[name](options)


def _step(session: Session, losses: list[dict[str, float]]) -> None:
    losses.append(session.run_step())


def _score(protocol: Protocol, truth: Tensor, other: Tensor) -> object:
    return protocol.against(truth, Window())(other)


def _recipe(settings: Sequence[str], path: Path | None = None) -> Recipe:
    """Read a recipe; without a path, the small one on phantoms."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "bench.toml"
        small.write_text(RECIPE, encoding="utf-8")
        return read(path or small, settings, parts=load_parts())


def _volumes(size: int, count: int) -> list[Tensor]:
    """Return phantoms (D, H, W) in HU."""
    patients = open_patients(_recipe([f"data.size = {size}"]), load_parts())
    return [patients.load(i).volume.float() for i in patients.ids("train")[:count]]


def _write_scans(folder: Path) -> list[Path]:
    """Write phantoms as CTs of 512 x 512 x 133 voxels of .78 x .78 x 3 mm."""
    from repcat.io.volumes import write_mha

    for n, volume in enumerate(_volumes(128, SCANS)):
        hu = F.interpolate(volume[None, None], size=(133, 512, 512), mode="trilinear")[0, 0]
        write_mha(folder / f"{n}.mha", hu, (3.0, 400 / 512, 400 / 512), (0.0, 0.0, 0.0), "")
    return [folder]


def _prepare(scans: list[Path], folder: Path, size: int, jobs: int) -> None:
    from repcat.data.prepare.pipeline import prepare as work
    from repcat.data.prepare.settings import Settings
    from repcat.data.prepare.splits import parse_split

    with tempfile.TemporaryDirectory(dir=folder) as out:
        work(scans, Path(out) / "set", Settings(size=size), parse_split(".8,.1,.1", 0), jobs)
