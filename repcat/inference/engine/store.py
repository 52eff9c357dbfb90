"""Store of engines: RUN/engines/<weights>-<grid>-<engine>-<version>/, whole or not there."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from repcat.device import processor
from repcat.errors import DataError
from repcat.inference.engine.engine import GRAPH
from repcat.inference.engine.kinds import Kind
from repcat.inference.engine.model import Model
from repcat.io.atomic import atomic_folder, remove_folder
from repcat.io.checksums import SUMS, damaged_files, read_checksums, write_checksums
from repcat.io.json_record import read_json_record

FOLDER, RECORD = "engines", "engine.json"
SAME = ("engine", "weights", "grid", "torch", "processor", "tolerance")
PREFIX = 16  # letters of the weights' hash that begin a name
OWN = re.compile(f"[0-9a-f]{{{PREFIX}}}")


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """What a kept engine is: of which weights (their hash), for which backbone's input.

    `largest` is its largest difference from eager, in shares of the window, on `patients`; on
    another `processor` it is looked at again. `torch` is the version that wrote the graph.
    """

    engine: str
    weights: str
    grid: str
    torch: str
    processor: str
    largest: float
    tolerance: float
    patients: int


@dataclass(frozen=True, slots=True)
class Store:
    """The engines of a model's weights."""

    model: Model

    @property
    def choice(self) -> Path:
        """Return where the choice between engines lies, or would."""
        return self.model.home / f"{self._stem}-auto.json"

    @property
    def _stem(self) -> str:
        return f"{self.model.weights[:PREFIX]}-{self.model.grid}"

    def place(self, kind: Kind) -> Path:
        """Return where an engine of this version lies, or would."""
        return self.model.home / f"{self._stem}-{kind.name}-{kind.version}"

    def fault(self, kind: Kind) -> str | None:
        """Say why what is kept cannot be used; None: it can, empty: nothing is kept."""
        place = self.place(kind)
        if not place.is_dir():
            return self._others(kind)
        damage, record = _damage(place), read_json_record(EngineRecord, place / RECORD)
        if damage or record is None:
            return f"{place} is damaged ({damage or RECORD})"
        now = asdict(self.record(kind, 0.0))
        other = next((k for k in SAME if getattr(record, k) != now[k]), "")
        return f"{place} is of another {other} ({getattr(record, other)})" if other else None

    def _others(self, kind: Kind) -> str:
        """Say that this engine is kept of other weights or of another version; empty: it is not."""
        home = self.model.home
        kept = home.glob(f"*-{self.model.grid}-{kind.name}-[0-9]*/{RECORD}")
        own = [file.parent.name.startswith(self._stem) for file in kept]
        if not own:
            return ""
        return f"{home} keeps {kind.name} of {'another version' if any(own) else 'other weights'}"

    def record(self, kind: Kind, largest: float) -> EngineRecord:
        """Say what an engine is that is made now."""
        model = self.model
        return EngineRecord(
            engine=kind.label,
            weights=model.weights,
            grid=model.grid,
            torch=torch.__version__,
            processor=processor(),
            largest=largest,
            tolerance=kind.tolerance,
            patients=sum(len(read) for read in model.reads),
        )

    @contextmanager
    def making(self, kind: Kind) -> Iterator[Path]:
        """Give a folder to make an engine in; it is kept where the block ends well.

        Where the run may only be read, it is gone after the block.
        """
        home = self.model.home
        if os.access(home if home.is_dir() else home.parent, os.W_OK):
            with atomic_folder(self.place(kind)) as part:
                yield part
                write_checksums(part)
        else:
            with TemporaryDirectory(prefix="repcat-engine-") as made:
                yield Path(made)

    def graph_files(self) -> list[Path]:
        """Return the files of a kept graph that this torch wrote; none where there is none."""
        model = self.model
        for place in sorted(model.home.glob(f"{self._stem}-*")):
            known = read_json_record(EngineRecord, place / RECORD)
            ours = known and (known.weights, known.torch) == (model.weights, torch.__version__)
            if ours and (place / GRAPH).is_file() and not _damage(place):
                return sorted(place.glob(f"{GRAPH}*"))
        return []


def link_files(files: list[Path], folder: Path) -> None:
    """Put files into a folder too, without a second copy where the disk can."""
    for file in files:
        try:
            (folder / file.name).hardlink_to(file)
        except OSError:
            shutil.copyfile(file, folder / file.name)


def drop_older(home: Path, living: Collection[str]) -> None:
    """Delete what is kept of weights that no checkpoint has; `living` are the hashes of those."""
    known = {weights[:PREFIX] for weights in living}
    for path in home.glob("*-*"):
        prefix, _, rest = path.name.partition("-")
        if not OWN.fullmatch(prefix) or prefix in known or not rest:
            continue
        with suppress(DataError, OSError):
            remove_folder(path) if path.is_dir() else path.unlink()


def _damage(place: Path) -> str:
    """Name a file that is not what was written, or is not listed; empty: none."""
    try:
        if not read_checksums(place):
            return f"no {SUMS}"
        return next(iter(damaged_files(place)), "")
    except DataError:
        return SUMS
