"""[augment.film] as a table: how X-rays are made to look like films."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le
from typing_extensions import Doc

from repcat.config.ranges import Share

Kilovolts = Annotated[float, Ge(0), Le(150)]
Ratio = Annotated[float, Ge(0), Le(20)]
MicroGray = Annotated[float, Ge(0), Le(1000)]
Exponent = Annotated[float, Ge(0.1), Le(10)]


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
