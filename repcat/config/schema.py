"""The tables of a recipe that are repcat's own: [data], [augment], [optim], [train].

Each is a frozen dataclass whose keyword-only signature is the schema, as for any part.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len, Lt
from typing_extensions import Doc

from repcat.arithmetic import MOST_THREADS
from repcat.config.default_projector import DEFAULT_PROJECTOR
from repcat.view import MOST_VIEWS

Share = Annotated[float, Ge(0), Le(1)]
HU = Annotated[float, Ge(-100_000), Le(100_000)]
Decay = Annotated[float, Ge(0), Lt(1)]
Degrees = Annotated[float, Ge(0), Le(360)]
Weight = Annotated[float, Ge(0), Le(1e6)]
Kilovolts = Annotated[float, Ge(0), Le(150)]
Ratio = Annotated[float, Ge(0), Le(20)]
MicroGray = Annotated[float, Ge(0), Le(1000)]
Exponent = Annotated[float, Ge(0.1), Le(10)]
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
class DrawTable:
    """How many of the views a training batch sees, and which: one draw a batch.

    The other batches see 3 to `most` views, evenly on a logarithmic scale. A pattern says where
    views are wanted; each place takes the nearest view that is still free.
    """

    one: Annotated[Share, Doc("share of batches of one view")] = 0.15
    two: Annotated[Share, Doc("share of batches of two views")] = 0.35
    most: Annotated[int, Ge(1), Le(MOST_VIEWS), Doc("most views of the other batches")] = 8
    frontal_lateral: Annotated[
        Weight, Doc("weight of 0 and 90 degrees, each up to `slip` off, with random ones if more")
    ] = 0.5
    even: Annotated[
        Weight, Doc("weight of even steps over 180 degrees, from a random azimuth on")
    ] = 0.125
    random: Annotated[Weight, Doc("weight of any views")] = 0.125
    limited_arc: Annotated[
        Weight, Doc("weight of random azimuths within an arc that is `arc` wide")
    ] = 0.125
    clusters: Annotated[
        Weight, Doc("weight of two random azimuths, with all views about them by turns")
    ] = 0.125
    slip: Annotated[float, Ge(0), Le(45), Doc("degrees that frontal and lateral are off")] = 5.0
    arc: Annotated[
        tuple[Degrees, Degrees], Doc("degrees that the narrowest and widest limited arc have")
    ] = (30.0, 120.0)
    spread: Annotated[
        float, Ge(0), Le(180), Doc("degrees from a cluster's middle to its farthest view")
    ] = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class FilmTable:
    """How X-rays are made to look like films, as repcat reads films; one draw a patient.

    Each effect is off at its default and befalls a share `each` of the films, drawn for each view
    of its own. Two numbers are a lowest and a highest value, one is the highest.
    """

    p: Annotated[Share, Doc("share of patients whose X-rays are made films")] = 1.0
    each: Annotated[Share, Doc("share of films that each effect befalls")] = 0.5
    kvp: Annotated[
        tuple[Kilovolts, Kilovolts],
        Doc("kV of the tube: beam hardening by water and bone (Kramers' spectrum); (0, 0): off"),
    ] = (0.0, 0.0)
    scatter: Annotated[
        tuple[Ratio, Ratio],
        Doc("scattered over primary light behind the body, without a grid; (0, 0): off"),
    ] = (0.0, 0.0)
    grid: Annotated[
        Share, Doc("share of films with scatter that have a grid: it leaves 1/5 to 1/3 of it")
    ] = 0.0
    dose: Annotated[
        tuple[MicroGray, MicroGray],
        Doc("uGy at the detector in the open beam, by which Poisson noise goes; (0, 0): off"),
    ] = (0.0, 0.0)
    electronic: Annotated[
        MicroGray, Doc("uGy whose Poisson noise is that of the electronics, at most")
    ] = 0.0
    blur: Annotated[
        float, Ge(0), Le(20), Doc("mm at the detector, sigma of focus, screen and motion, at most")
    ] = 0.0
    gamma: Annotated[
        tuple[Exponent, Exponent], Doc("exponent of the display curve; (1, 1): off")
    ] = (1.0, 1.0)
    sigmoid: Annotated[
        Share, Doc("share of DICOM's sigmoid in the display curve beside a straight line, at most")
    ] = 0.0
    clahe: Annotated[
        Share, Doc("clip limit of CLAHE, local contrast, at most (extra 'film'); 0: off")
    ] = 0.0
    collimation: Annotated[
        float, Ge(0), Le(200), Doc("mm at the axis that each side loses at most")
    ] = 0.0
    letters: Annotated[
        int, Ge(0), Le(20), Doc("markers and words burned in at most, such as R, AP")
    ] = 0
    arms: Annotated[
        float, Ge(0), Le(200), Doc("mm of water that an arm across a corner is thick at most")
    ] = 0.0
    clothing: Annotated[int, Ge(0), Le(50), Doc("buttons, electrodes and wires at most")] = 0
    breath_scale: Annotated[
        float, Ge(0), Le(0.2), Doc("share by which later films are stretched in height at most")
    ] = 0.0
    breath_shift: Annotated[
        float,
        Ge(0),
        Le(100),
        Doc("mm at the axis by which later films are higher or lower at most"),
    ] = 0.0


# What film = "bank" stands for.
BANK = FilmTable(
    p=0.8,
    kvp=(60.0, 120.0),
    scatter=(0.2, 0.8),
    grid=0.5,
    dose=(10.0, 200.0),
    electronic=0.1,
    blur=2.0,
    gamma=(0.7, 1.8),
    sigmoid=0.7,
    clahe=0.03,
    collimation=30.0,
    letters=2,
    arms=80.0,
    clothing=4,
    breath_scale=0.03,
    breath_shift=5.0,
)


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
