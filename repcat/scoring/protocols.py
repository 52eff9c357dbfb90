"""Named protocols of scoring: a PSNR means nothing without its window, range and slicing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from repcat.errors import DataError, RecipeError
from repcat.registry.options import nearest
from repcat.scoring.rules import Scorer, seed2024_hu, standard_hu, x2ct2019_hu
from repcat.types import Window


@dataclass(frozen=True, slots=True)
class Protocol:
    """How scores are made, and whose scores they can stand beside.

    `span` is the range of the values that PSNR is computed on, `peak` the range it claims; what
    lies between them is a constant that no reconstruction earned. `irreversible` names what a
    figure of this protocol has lost for good.
    """

    name: str
    why: str
    window: str
    rounding: str
    psnr: str
    ssim: str
    clipping: str
    span: float
    peak: float
    rule: Callable[[Tensor, Window], Scorer]
    irreversible: tuple[str, ...] = ()

    @property
    def offset_db(self) -> float:
        """What the peak adds over the true range: 20 log10(peak / span), in dB."""
        return 20 * math.log10(self.peak / self.span)

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


def protocol(name: str) -> Protocol:
    """Return a protocol by name."""
    if name not in PROTOCOLS:
        msg = f"no protocol is called {name!r}{nearest(name, PROTOCOLS)}"
        raise RecipeError(msg)
    return PROTOCOLS[name]


def check_same_shape(truth: Tensor, prediction: Tensor) -> None:
    """Raise DataError unless two volumes are on the same grid."""
    if truth.shape != prediction.shape or truth.ndim != 3:
        a, b = (" x ".join(map(str, v.shape)) for v in (truth, prediction))
        msg = f"the truth is {a} voxels and the prediction {b}; bring both to one grid of D x H x W"
        raise DataError(msg)


def check_hu(volume: Tensor, what: str) -> None:
    """Raise DataError where a value is not a number."""
    bad = int((~volume.isfinite()).sum())
    if bad:
        msg = f"{bad} of {volume.numel()} voxels of {what} are not finite numbers; make it again"
        raise DataError(msg)


PROTOCOLS = {
    p.name: p
    for p in (
        Protocol(
            name="standard",
            why="honest: the true range, the whole volume and the body alone",
            window="the run's, -1000..1000 HU unless its recipe says otherwise, to 0..1",
            rounding="none",
            psnr="peak 1 over a range of 1, one error for the volume",
            ssim="3D, Gaussian of 11 taps, sigma 1.5 voxels, range 1",
            clipping="truth and prediction",
            span=1.0,
            peak=1.0,
            rule=standard_hu,
        ),
        Protocol(
            name="seed2024",
            why="what the released code of the repeat-and-concatenate paper computes",
            window="each true volume's own least and largest value, to 0..1",
            rounding="int32 of 0..2000, truncated (PSNR only)",
            psnr="peak 4095 over a range of 2000, one error for the volume",
            ssim="slices of 7 x 7 windows, along x twice and z once (its bug), range 1",
            clipping="prediction only",
            span=2000.0,
            peak=4095.0,
            rule=seed2024_hu,
            irreversible=(
                "every volume was stretched to its own least and largest value, so its window in "
                "HU differs from patient to patient and is not written down",
                "values were truncated to integers (below .01 dB)",
            ),
        ),
        Protocol(
            name="x2ct2019",
            why="what X2CT-GAN's test code computes",
            window="-1024..1476 HU to 0..1",
            rounding="int32 of 0..2500, truncated (PSNR, and the errors of 0..2500)",
            psnr="peak 4095 over a range of 2500, mean over slices of three axes; psnr_3d: one",
            ssim="slices of 7 x 7 windows along three axes, range 1",
            clipping="truth and prediction",
            span=2500.0,
            peak=4095.0,
            rule=x2ct2019_hu,
            irreversible=(
                "PSNR-avg is a mean over slices, in which one without error counts 100 dB: "
                "+0.5 to +5 dB on chests over one error for the volume (psnr_3d has none of it)",
                "its window of 2500 HU gives the same error in HU 1.94 dB more than one of 2000 HU",
            ),
        ),
    )
}
