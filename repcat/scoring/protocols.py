"""Protocol: the window, range, rounding and slicing that scores are of; a part like any other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from repcat.errors import DataError, RecipeError
from repcat.registry.parts import Parts
from repcat.scoring.metric_info import Column, column
from repcat.types import Window

# What repcat itself speaks of; its table also takes the equivalent blur and plugins' metrics.
STANDARD = "standard"
RUNS_WINDOW = "the run's, -1000..1000 HU unless its recipe says otherwise, to 0..1"

Scorer = Callable[[Tensor], dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """How scores are made, and whose scores they can stand beside. Built as `protocol(**options)`.

    `rule` takes a true volume (D, H, W) in HU and the run's window and returns a function from a
    prediction in HU to figures by name, each of which has a column. Where there are `psnr` and
    `mse`, that `mse` is of values in 0..1. `shown` are the figures that a terminal has room for,
    most telling first, `compared` those of a table of runs, the first of which ranks; left out,
    either is every column. `window` left out is the run's.

    `span` is the range of the values that PSNR is computed on, `peak` the range it claims; what
    lies between them is a constant that no reconstruction earned. `irreversible` names what a
    figure of this protocol has lost for good. `name` is what it is registered under.
    """

    why: str
    psnr: str
    ssim: str
    rounding: str
    clipping: str
    span: float
    peak: float
    columns: tuple[Column, ...]
    rule: Callable[[Tensor, Window], Scorer]
    window: str = RUNS_WINDOW
    shown: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    irreversible: tuple[str, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        every = tuple(c.name for c in self.columns)
        object.__setattr__(self, "shown", self.shown or every)
        object.__setattr__(self, "compared", self.compared or every)

    @property
    def offset_db(self) -> float:
        """What the peak adds over the true range: 20 log10(peak / span), in dB."""
        return 20 * math.log10(self.peak / self.span)

    def column(self, figure: str) -> Column:
        """Return the column of a figure of its table."""
        return {c.name: c for c in self.columns}.get(figure) or column(figure)

    def against(self, truth_hu: Tensor, window: Window = Window()) -> Scorer:  # noqa: B008
        """Return a function that scores predictions (D, H, W) in HU against this truth.

        What depends on the truth alone (its body, its local means) is computed once.
        """
        truth = truth_hu.float()
        check_hu(truth, "the true volume")
        scorer = self.rule(truth, window)

        def score(prediction_hu: Tensor) -> dict[str, float]:
            check_same_shape(truth, prediction_hu)
            check_hu(prediction_hu, "the prediction")
            return scorer(prediction_hu.to(truth))

        return score


def protocol(name: str, parts: Parts) -> Protocol:
    """Build an installed protocol with its default options.

    Raises:
        PartError: where no plugin brings it, with the nearest name.
    """
    made: Protocol = parts.protocols.make(name)
    return replace(made, name=name)


def protocols(names: Sequence[str], parts: Parts) -> tuple[Protocol, ...]:
    """Build installed protocols.

    Raises:
        RecipeError: where none is named.
    """
    if not names:
        msg = f"no protocol to score by; there are {', '.join(parts.protocols.names())}"
        raise RecipeError(msg, code="no-protocol")
    return tuple(protocol(name, parts) for name in names)


def column_of(table: str, figure: str, parts: Parts) -> Column:
    """Return the column of a figure in a table that a protocol or repcat itself made."""
    own = table in parts.protocols.parts
    return protocol(table, parts).column(figure) if own else column(figure)


def check_same_shape(truth: Tensor, prediction: Tensor) -> None:
    """Raise DataError unless two volumes are on the same grid."""
    if truth.shape != prediction.shape or truth.ndim != 3:
        a, b = (" x ".join(map(str, v.shape)) for v in (truth, prediction))
        msg = f"the truth is {a} voxels and the prediction {b}; bring both to one grid of D x H x W"
        raise DataError(msg, code="other-size")


def check_hu(volume: Tensor, what: str) -> None:
    """Raise DataError where a value is not a number."""
    bad = int((~volume.isfinite()).sum())
    if bad:
        msg = f"{bad} of {volume.numel()} voxels of {what} are not finite numbers; make it again"
        raise DataError(msg, code="not-finite")
