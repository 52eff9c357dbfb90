"""Film bank: line integrals to what repcat reads of a film that was taken of them.

Where it acts: on the projection's line integrals, before they are brought to [0, 1]. A real film is
made so: light is what exp(-integral) leaves of the beam; scatter, blur and noise act on light; the
logarithm, the display curve, local contrast and letters come after. Then comes what repcat does to
any film (`repcat/radiographs/preprocess.py`): its 2nd and 98th percentile are brought to those of
the training X-rays. So a model trains on what `repcat predict --xray` hands it. Two steps of that
reading are left out: letters are those that it did not find and cover, and no film is turned.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from repcat.arithmetic import one_thread
from repcat.config.film_table import FilmTable
from repcat.data.film import detector, display, scene
from repcat.data.film.breath import breathe
from repcat.data.film.scene import Field, Frame, uniform
from repcat.data.film.smooth import smooth
from repcat.data.film.spectrum import harden
from repcat.data.grey_levels import match
from repcat.geometry import Geometry

SPREAD_MM = (40.0, 100.0)  # sigma of scattered light at the detector
GRID = (3.0, 5.0)  # what a grid divides scatter by
USUAL_UGY = 100.0  # in the open beam where no dose is told: some 2.5 behind a chest
FAINTEST = 1e-5  # share of the open beam that a detector tells from nothing
BORDERS = ("unexposed", "shutter", "cropped")  # what lies outside of a collimated field


@dataclass(frozen=True, slots=True)
class FilmBank:
    """Makes films of X-rays, by a table and in a scene."""

    table: FilmTable
    geometry: Geometry

    @property
    def needs_bone(self) -> bool:
        """Whether the part of the integrals that lies in bone is asked for."""
        return any(self.table.kvp)

    def befalls(self, chance: Generator) -> bool:
        """Draw whether a patient's X-rays are made films."""
        return uniform(chance) < self.table.p

    @torch.no_grad()
    def __call__(
        self, integrals: Tensor, greys: Tensor, chance: Generator, bone: Tensor | None = None
    ) -> Tensor:
        """Return films (N, rows, columns) in [0, 1] of line integrals, the same for one chance.

        `greys` (N, 101) are the percentiles of what a model reads of each view, `bone` the part of
        the integrals that lies in bone; without it none does. The first film is the breath that the
        volume shows.
        """
        bone = torch.zeros_like(integrals) if bone is None else bone
        with one_thread():
            films = [
                self._film(integrals[n], bone[n], greys[n], chance, first=n == 0)
                for n in range(len(integrals))
            ]
        return torch.stack(films)

    def _film(
        self, integrals: Tensor, bone: Tensor, greys: Tensor, chance: Generator, *, first: bool
    ) -> Tensor:
        seed = int(torch.randint(2**62, (), generator=chance))
        maker = _Maker(self.table, self.geometry, torch.Generator().manual_seed(seed))
        integrals, bone = maker.stand(integrals.float(), bone.float(), first=first)
        light = maker.expose(maker.harden(integrals, bone))
        image = maker.display(-light.clamp(min=FAINTEST).log())
        return match(image, greys.float(), "percentile")


class _Maker:
    """One film: every effect draws by itself whether it befalls it."""

    def __init__(self, table: FilmTable, geometry: Geometry, chance: Generator) -> None:
        self.table, self.chance = table, chance
        rows, columns = (mm / geometry.magnification for mm in geometry.pixel_mm)
        self.detector_mm = geometry.pixel_mm
        self.frame = Frame(geometry.pixels, (rows, columns))
        collimated = self.has(table.collimation > 0)
        self.field = Field.drawn(self.frame, table.collimation, chance) if collimated else None
        self.border = BORDERS[int(uniform(chance, 0, len(BORDERS)))]

    def has(self, is_on: bool) -> bool:
        """Draw whether an effect befalls this film; one draw, whether it is on or not."""
        return uniform(self.chance) < self.table.each and is_on

    def among(self, bounds: tuple[float, float]) -> float:
        return uniform(self.chance, *bounds)

    def stand(self, integrals: Tensor, bone: Tensor, *, first: bool) -> tuple[Tensor, Tensor]:
        """Let the patient breathe, lift an arm and wear something."""
        table, chance = self.table, self.chance
        scale, shift = self.among((-1, 1)), self.among((-1, 1))
        if self.has(bool(table.breath_scale or table.breath_shift)) and not first:
            rows = shift * table.breath_shift / self.frame.mm[0]
            both = breathe(torch.stack((integrals, bone)), scale * table.breath_scale, rows)
            integrals, bone = both.unbind()
        if self.has(table.arms > 0):
            flesh, core = scene.arm(self.frame, table.arms, chance)
            integrals, bone = integrals + flesh, bone + core
        if self.has(table.clothing > 0):
            integrals = integrals + scene.clothing(self.frame, table.clothing, chance)
        return integrals, bone

    def harden(self, integrals: Tensor, bone: Tensor) -> Tensor:
        """Take them with a tube's many energies."""
        kv = round(self.among(self.table.kvp))
        return harden(integrals, bone, kv) if self.has(any(self.table.kvp)) else integrals

    def expose(self, integrals: Tensor) -> Tensor:
        """Return the light that the detector tells, in units of the open beam."""
        table, mm = self.table, self.detector_mm
        light = torch.exp(-integrals)
        if self.field:
            light = light * self.field.mask(light)
        if self.has(any(table.scatter)):
            grid = self.among(GRID) if uniform(self.chance) < table.grid else 1.0
            ratio, spread = self.among(table.scatter) / grid, self.among(SPREAD_MM)
            light = detector.add_scatter(light, ratio, spread / mm[0], spread / mm[1])
        if self.has(table.blur > 0):
            sigma = self.among((0, table.blur))
            light = smooth(light, sigma / mm[0], sigma / mm[1])
        dose = _log_uniform(table.dose, self.chance) if any(table.dose) else USUAL_UGY
        quantum, hum = self.has(any(table.dose)), self.has(table.electronic > 0)
        electronic = self.among((0, table.electronic)) if hum else 0.0
        how = detector.Exposed(dose, mm[0] * mm[1], electronic, quantum=quantum)
        return how.counted(light, self.chance)

    def _bordered(self, image: Tensor) -> Tensor:
        """Cut a collimated film at its field, or leave what was not exposed as white as bone."""
        if self.field is None:
            return image
        cut = self.field.edges_go_on(image)
        return cut if self.border == "cropped" else image.clamp(max=float(cut.max()))

    def display(self, image: Tensor) -> Tensor:
        """Return the image as a vendor shows it, bone bright, in [0, 1]."""
        table, chance = self.table, self.chance
        image = display.unit(self._bordered(image))
        if self.has(table.gamma != (1.0, 1.0)):
            image = image ** _log_uniform(table.gamma, chance)
        if self.has(table.sigmoid > 0):
            share, centre = self.among((0, table.sigmoid)), self.among((0.35, 0.65))
            image = display.sigmoid(image, share, centre)
        if self.has(table.clahe > 0):
            image = display.clahe(image, self.among((0.1 * table.clahe, table.clahe)))
        if self.field and self.border == "shutter":
            image = image * self.field.mask(image)
        if self.has(table.letters > 0):
            image = display.letters(image, self.frame, table.letters, chance)
        return image


def _log_uniform(bounds: tuple[float, float], chance: Generator) -> float:
    low, high = bounds
    return float(low * (high / low) ** uniform(chance)) if low else uniform(chance, low, high)
