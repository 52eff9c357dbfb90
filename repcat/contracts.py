"""Contracts of parts. A plugin author reads this file and `registry/hookspecs.py`.

Positional parameters of a part come from repcat, keyword-only ones from the recipe: the signature
is the schema. Ranges and units go into the annotation:
`Annotated[int, Ge(1), Doc("channels of the first stage")]`. What a protocol of scoring is stands in
`repcat/scoring/protocols.py`.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Protocol

from torch import Tensor, nn

from repcat.errors import PartError
from repcat.geometry import Geometry
from repcat.hounsfield import attenuation
from repcat.types import Batch, Grid, Patient, Prediction, Projector
from repcat.view import View


class InputMapper(nn.Module, ABC):
    """Turn X-rays into what a backbone reads. Built as `mapper(task, **options)`.

    The constructor sets `out`, the grid that `forward` returns. `any_views` says that it takes any
    number of views at any angle in any order, with the same weights and the same `out`: forward
    goes by `batch.views`, which need not be those of the task.
    """

    out: Grid
    any_views: bool = False

    @abstractmethod
    def forward(self, batch: Batch) -> Tensor:
        """Return (B, out.channels, *out.size)."""


# Built as `backbone(source, target, **options)`; returns a network from `source` to `target`, whose
# forward gives a tensor or a Prediction with branches that its attribute `branches` names.
BackboneFactory = Callable[..., nn.Module]


class Model(Protocol):
    """A mapper and a backbone, as an objective sees them."""

    def __call__(self, batch: Batch) -> Prediction:
        """Predict the volumes of a batch."""
        ...


# A number to show: as it is, in a tensor without axes and without a graph, or a function of no
# arguments that gives one of these.
Number = float | Tensor
Log = Number | Callable[[], Number]


@dataclass(frozen=True, slots=True)
class Turn:
    """Lower this loss over that player's weights. `logs` are numbers to show beside it.

    Most steps are not logged. So give `error.detach()`, not `float(error)`, which makes the host
    wait for the device in every turn, and a function for what costs work; it is called after the
    weights have moved, if at all.
    """

    player: str
    loss: Tensor
    logs: Mapping[str, Log] = field(default_factory=dict)

    def numbers(self) -> dict[str, float]:
        """Return the loss, under its player's name, and the logs as plain numbers."""
        logs = {name: log() if callable(log) else log for name, log in self.logs.items()}
        return {name: float(n) for name, n in {self.player: self.loss.detach(), **logs}.items()}


@dataclass(frozen=True, slots=True)
class Fault:
    """What can go wrong in a training and shows in its log.

    `says` gets the numbers last logged, a validation's among them, and returns what is wrong in
    half a line, or nothing; `cure` names the option that helps.
    """

    name: str
    says: Callable[[Mapping[str, float]], str]
    cure: str


class Objective(nn.Module, ABC):
    """A rule of training. Built as `objective(task, **options)`.

    `players` names the child modules it trains beside the model, `branches` what it reads from a
    Prediction; `couples_batch` says that the loss is more than a mean over patients, so that
    a batch must not be cut into parts. `faults` are what its own logged numbers can tell, and
    `cures` its own options against what repcat itself looks for: 'grey-scale' and 'alike'. Both
    belong to the class, where a report reads them.
    """

    players: tuple[str, ...] = ()
    branches: frozenset[str] = frozenset()
    couples_batch: bool = False
    faults: ClassVar[tuple[Fault, ...]] = ()
    cures: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @abstractmethod
    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """Yield the turns of one step, drawing batches as needed.

        Never yield inside a `with`: autocast and grad mode are thread-wide and would leak.
        """


@dataclass(frozen=True, slots=True)
class Request:
    """What a recipe asks of any dataset: voxels and pixels per side, and which views.

    `project` turns attenuation (D, H, W) in 1/mm into line integrals (N, rows, columns), for the
    datasets that make their X-rays as they go.
    """

    size: int
    views: tuple[View, ...]
    project: Projector


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a scan is known again under another id.

    `content` is a hash of the patient's data; `thumbnail` a small picture of the volume
    (`repcat/data/store/thumbnail.py`), empty where there is none.
    """

    content: str
    thumbnail: str = ""


# What a dataset is divided into, in the order of use.
SPLITS = ("train", "validation", "test")


class Patients(ABC):
    """A dataset. Built as `dataset(request, **options)`.

    `name` goes into the names of files made from it; `fingerprint` changes when the data does;
    `note` is said above every table of its scores; `folder_option` names the option that takes
    a folder of `repcat prepare`, where there is one.
    """

    name: str
    note: str = ""
    folder_option: str = ""
    geometry: Geometry
    fingerprint: str

    @abstractmethod
    def ids(self, split: str) -> tuple[str, ...]:
        """Return the patients of 'train', 'validation' or 'test', always in the same order."""

    @abstractmethod
    def load(self, patient: str) -> Patient:
        """Return a patient at the size and in the views that were requested."""

    def times(self, patient: str) -> int:
        """Return how often a training patient comes in an epoch: at least once."""
        del patient
        return 1

    def marks(self, split: str) -> Mapping[str, Mark]:
        """Return the marks of a split's patients; of those alone that are known unloaded."""
        del split
        return {}

    def content(self, patient: str) -> str:
        """Return a hash of what a patient is, before size and views: by it a prediction is known.

        By default it changes with the fingerprint. A dataset that can tell its patients apart gives
        each its own, so that their predictions outlive a change elsewhere in it. Must be quick.
        """
        return hashlib.sha256(f"{self.fingerprint} {patient}".encode()).hexdigest()

    def check(self, ids: Iterable[str]) -> None:  # noqa: B027  (nothing to check where nothing is stored)
        """Raise DataError where what is stored of these patients is not what was written."""

    def attenuate(self, hu: Tensor) -> Tensor:
        """Turn HU into the attenuation in 1/mm that this dataset's line integrals are sums of."""
        return attenuation(hu)


class Metric(Protocol):
    """A score of one patient. Its factory is built as `metric(**options)`.

    A factory's attribute `better`, "up" or "down", says which way of its figures is better.
    """

    def __call__(self, truth: Tensor, prediction: Tensor, geometry: Geometry) -> float:
        """Score a predicted volume (D, H, W) in HU against the true one."""
        ...


def need_same_size(source: Grid, target: Grid, name: str) -> None:
    """Raise PartError unless a backbone that keeps sizes can go from `source` to `target`."""
    if source.size != target.size:
        msg = (
            f"backbone {name!r} keeps the size of its input, but the mapper gives {source} and "
            f"the volume is {target}; choose a mapper that fills the volume, such as "
            "'repeat_concat', or a backbone that decodes, such as 'autoencoder'; "
            "docs/messages.md#sizes-do-not-meet"
        )
        raise PartError(msg, code="sizes-do-not-meet")
