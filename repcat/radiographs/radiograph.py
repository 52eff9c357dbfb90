"""Radiograph: grey values, what is known of them, and warnings before believing a result."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from repcat.radiographs.exposure import Exposure


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning in words, with what was measured and the limit it went past.

    `code` is one word for programs; docs/own-xrays.md#warnings lists them.
    """

    code: str
    text: str
    measure: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """A radiograph as it was read, before anything is done to it but what `steps` say.

    `pixels` is (rows, columns), float32, in the file's own unit. `mm` is the pitch of rows and
    columns in the plane of the patient, or where `at_film` of the film itself, which shows things
    enlarged; None where the file does not say. `height_mm` and `exposure` are what was told of this
    film: its true height, and where the source stood. `grey` says what a bright
    pixel means, 'bone_bright', 'counts' (transmitted) or 'integrals', None where the file does
    not say. `view` is the name of the view in the header; `axes` the letters of the directions in
    which columns and rows are counted ('L', 'F'). `oriented` says that those were used: the header
    knows where left is. `name` is the file's base name alone.
    """

    pixels: Tensor
    name: str = "array"
    sha256: str = ""
    mm: tuple[float, float] | None = None
    grey: str | None = None
    view: str | None = None
    axes: tuple[str, str] | None = None
    oriented: bool = False
    steps: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] = ()
    at_film: bool = False
    height_mm: float | None = None
    exposure: Exposure | None = None

    @property
    def label(self) -> str:
        """Name the film in messages, in letters that every terminal has."""
        return "".join(c if c.isprintable() else "?" for c in self.name)

    def step(self, words: str, **changes: object) -> Film:
        """Return the film changed, saying so."""
        return replace(self, steps=(*self.steps, words), **changes)  # type: ignore[arg-type]

    def caution(self, code: str, text: str, *measured: float) -> Film:
        """Return the film with one more warning, the fields of a Caution."""
        return replace(self, cautions=(*self.cautions, Caution(code, text, *measured)))
