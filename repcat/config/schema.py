"""The tables of a recipe that are repcat's own: [data], [augment], [optim], [train].

Each is a frozen dataclass whose keyword-only signature is the schema, as for any part.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len, Lt
from typing_extensions import Doc

from repcat.arithmetic import MOST_THREADS
from repcat.config.default_projector import DEFAULT_PROJECTOR
from repcat.config.film_table import BANK, FilmTable
from repcat.config.ranges import Share
from repcat.view import MOST_VIEWS

HU = Annotated[float, Ge(-100_000), Le(100_000)]
Decay = Annotated[float, Ge(0), Lt(1)]
MOST_STEPS = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class DataTable:
    """What is asked of any dataset, and how its volumes and X-rays become numbers in [0, 1]."""

    size: Annotated[int, Ge(8), Le(1024), Doc("voxels and pixels per side")] = 64
    views: Annotated[
        tuple[float | str, ...],
        Len(1, MOST_VIEWS),
        Doc("azimuths in degrees (0 frontal, 90 lateral), names, or 'bank:24': 24 even azimuths"),
    ] = (0.0, 90.0)
    views_drawn: Annotated[
        tuple[int, int] | dict[str, Any],
        Doc(
            "fewest and most of the views in a training batch, drawn anew for each; (0, 0): all; "
            "or a table, see data.views_drawn"
        ),
    ] = (0, 0)
    views_scored: Annotated[
        tuple[float | str, ...],
        Len(0, 8),
        Doc("which of the views validation, predictions and scores read; (): all, 8 at most"),
    ] = ()
    window: Annotated[tuple[HU, HU], Doc("HU that 0 and 1 of a volume stand for")] = (
        -1000.0,
        1000.0,
    )
    volume: Annotated[
        Literal["window", "minmax"],
        Doc("volumes to [0, 1] by the window, or each by its own extremes (released code)"),
    ] = "window"
    xray: Annotated[
        Literal["max", "fixed", "transmission"],
        Doc("X-rays to [0, 1]: by each image's maximum, by xray_full, or as 1 - exp(-integral)"),
    ] = "max"
    xray_full: Annotated[
        float, Gt(0), Le(1e6), Doc("line integral that is 1 when xray = 'fixed'")
    ] = 8.0
    xray_bits: Annotated[
        int, Ge(0), Le(16), Doc("bits to round X-rays to, as image files do; 0: not rounded")
    ] = 0
    projector: Annotated[
        str | dict[str, Any],
        Doc("maker of X-rays, for datasets and losses that make them: name, or {use, its options}"),
    ] = DEFAULT_PROJECTOR
    cache_gb: Annotated[
        float, Ge(0), Le(100_000), Doc("GB of memory in which patients are kept")
    ] = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentTable:
    """What happens to the patients of a training batch; one draw a patient, for all its views."""

    contrast: Annotated[
        Share, Doc("half-width c of the factor in [1 - c, 1 + c] about the mean; 0: off")
    ] = 0.0
    rotation: Annotated[
        float, Ge(0), Le(45), Doc("degrees by which images are turned in their plane at most")
    ] = 0.0
    rotation_p: Annotated[Share, Doc("share of patients whose images are turned")] = 0.3
    flip_p: Annotated[Share, Doc("share of patients that are mirrored")] = 0.0
    paired: Annotated[
        bool, Doc("mirror the volume with its X-rays; the released code mirrors the X-rays alone")
    ] = True
    pose_p: Annotated[Share, Doc("share of batches whose poses are stated wrong")] = 0.5
    pose_degrees: Annotated[
        float, Ge(0), Le(45), Doc("degrees by which azimuth and tilt are stated wrong at most")
    ] = 0.0
    pose_mm: Annotated[
        float, Ge(0), Le(200), Doc("mm at the isocentre by which images are shifted at most")
    ] = 0.0
    spatial_p: Annotated[
        Share, Doc("share of patients that are moved in 3D, their X-rays cast anew; 0: off")
    ] = 0.0
    spatial_rotate: Annotated[
        float, Ge(0), Le(180), Doc("degrees about each axis by which they are turned at most")
    ] = 10.0
    spatial_scale: Annotated[
        float, Ge(0), Le(0.5), Doc("share by which each axis is stretched or shrunk at most")
    ] = 0.1
    spatial_shift: Annotated[
        float, Ge(0), Le(1000), Doc("mm along each axis by which they are shifted at most")
    ] = 10.0
    spatial_mirror: Annotated[
        Share, Doc("share of the moved that are mirrored left to right, too")
    ] = 0.5
    spatial_bend: Annotated[
        float, Ge(0), Le(100), Doc("mm along each axis by which a place is bent away at most")
    ] = 5.0
    film: Annotated[
        Literal["none", "bank"] | dict[str, Any],
        Doc(
            "X-rays as films are, read as repcat reads films: 'bank' a set of effects at usual "
            "strengths, or a table, see augment.film"
        ),
    ] = "none"

    @property
    def film_table(self) -> FilmTable | None:
        """Return how X-rays are made films; None where they are not."""
        if isinstance(self.film, dict):
            return FilmTable(**self.film)
        return BANK if self.film == "bank" else None


@dataclass(frozen=True, kw_only=True, slots=True)
class OptimTable:
    """One player's optimiser and learning rate."""

    name: Annotated[
        Literal["adamw", "adam", "sgd"],
        Doc("torch's: decoupled weight decay, L2, or plain steps with betas[0] as momentum"),
    ] = "adamw"
    lr: Annotated[float, Gt(0), Le(1_000), Doc("learning rate")] = 1e-4
    betas: Annotated[tuple[Decay, Decay], Doc("decay of the two moments")] = (0.9, 0.999)
    eps: Annotated[float, Gt(0), Le(1), Doc("added to the root of the second moment")] = 1e-8
    weight_decay: Annotated[float, Ge(0), Le(1_000), Doc("weight decay")] = 0.01
    clip: Annotated[float, Ge(0), Le(1e12), Doc("largest norm of a gradient; 0: not clipped")] = 0.0
    schedule: Annotated[
        Literal["constant", "linear", "cosine"], Doc("how the rate falls after decay_from")
    ] = "constant"
    warmup: Annotated[int, Ge(0), Le(MOST_STEPS), Doc("steps in which the rate rises from 0")] = 0
    decay_from: Annotated[
        int, Ge(0), Le(MOST_STEPS), Doc("step at which the rate begins to fall")
    ] = 0
    decay_to: Annotated[
        int, Ge(0), Le(MOST_STEPS), Doc("step at which it is at final_lr; 0: train.steps")
    ] = 0
    final_lr: Annotated[Share, Doc("share of lr that is left at decay_to")] = 0.0
    idle_first: Annotated[bool, Doc("rate 0 in step 0, as the released scheduler has it")] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainTable:
    """How long, how exact and how often."""

    steps: Annotated[
        int, Ge(1), Le(MOST_STEPS), Doc("steps; one step is every turn of the objective once")
    ] = 5000
    batch_size: Annotated[
        int, Ge(1), Le(10_000), Doc("patients in a batch; each turn draws its own")
    ] = 8
    save_every: Annotated[
        int, Ge(1), Le(MOST_STEPS), Doc("steps between checkpoints; the last is always saved")
    ] = 500
    keep: Annotated[
        int, Ge(0), Le(MOST_STEPS), Doc("checkpoints that are kept, the last ones; 0: all")
    ] = 0
    validate_every: Annotated[
        int,
        Ge(0),
        Le(MOST_STEPS),
        Doc("steps between scores on the validation split; 0: at the end only"),
    ] = 500
    log_every: Annotated[int, Ge(1), Le(MOST_STEPS), Doc("steps between lines of log.jsonl")] = 10
    precision: Annotated[
        Literal["fp32", "bf16", "auto"],
        Doc("bf16: autocast of the networks; auto: bf16 where it is measured faster here"),
    ] = "fp32"
    compile: Annotated[bool, Doc("torch.compile the backbone")] = False
    seed: Annotated[
        int, Ge(0), Le(10**18), Doc("seed of weights, order of patients and augmentation")
    ] = 0
    ema: Annotated[Share, Doc("decay of the averaged weights; 0: no average")] = 0.0
    ema_every: Annotated[
        int, Ge(1), Le(MOST_STEPS), Doc("steps between updates of the average")
    ] = 1
    quantiles: Annotated[
        tuple[Share, Share],
        Doc(
            "levels of a lower and an upper volume learnt beside the volume, such as [0.05, 0.95]; "
            "[0, 0]: none"
        ),
    ] = (0.0, 0.0)
    workers: Annotated[int, Ge(0), Le(256), Doc("processes that load patients")] = 0
    threads: Annotated[
        int,
        Ge(0),
        Le(MOST_THREADS),
        Doc("threads that compute; 0: the machine's, kept by --resume"),
    ] = 0
    tensorboard: Annotated[bool, Doc("also log for TensorBoard (extra 'tensorboard')")] = False

    @property
    def has_quantiles(self) -> bool:
        """Whether a lower and an upper volume are learnt, too."""
        return any(self.quantiles)
