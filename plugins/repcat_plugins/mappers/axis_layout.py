"""Views laid along volume axes: which axes rows and columns fill, and along which one repeats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from repcat import PartError, Task, View

Laying = Literal["none", "transpose", "released", "literal"]

# Places in a stack (B, z, y, x) of one view.
Z, Y, X = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Placement:
    """How one image becomes a volume: which volume axes its rows and columns fill.

    The third axis is the view's ray axis, along which the image is repeated. `flipped` names the
    image axes, of (B, rows, columns), that run against the volume's index.
    """

    rows: int
    columns: int
    flipped: tuple[int, ...] = ()

    @property
    def ray(self) -> int:
        """Place of the ray axis in (B, z, y, x)."""
        return 6 - self.rows - self.columns

    def stand(self, stack_BKRC: Tensor) -> Tensor:
        """Turn K images, one behind the other, into (B, D, H, W) with K along the ray axis."""
        if self.flipped:
            stack_BKRC = stack_BKRC.flip([axis + 1 for axis in self.flipped])
        if self.rows > self.columns:
            stack_BKRC = stack_BKRC.transpose(2, 3)
        return stack_BKRC.movedim(1, self.ray)

    def fill(self, image_BRC: Tensor, size: tuple[int, ...]) -> Tensor:
        """Return (B, D, H, W) as a view of the image; nothing is copied but a flipped image."""
        return self.stand(image_BRC.unsqueeze(1)).expand(-1, *size)


# Row 0 is the head and z grows to the head, so rows turn round wherever geometry is heeded.
FRONTAL = Placement(Z, X, flipped=(1,))


def place(view: View, align: Laying) -> Placement:
    """Lay a view along the volume's axes; RepeatConcat says what each `align` means."""
    lateral = abs(view.columns[0]) < 1e-6  # a cosine of 90 or 270 degrees, up to rounding
    if align == "released":
        return Placement(rows=X, columns=Y)
    if align == "literal":
        return Placement(rows=X, columns=Y) if lateral else Placement(rows=Z, columns=Y)
    if align == "none":
        return FRONTAL
    against = view.columns[1 if lateral else 0] < 0
    return Placement(Z, Y if lateral else X, flipped=(1, 2) if against else (1,))


def check_fit(task: Task, view: View, placement: Placement, mapper: str) -> None:
    """Raise PartError unless the images fill the two axes that they are laid along."""
    size = (0, *task.volume.size)
    wanted = (size[placement.rows], size[placement.columns])
    if task.xray.size != wanted:
        msg = (
            f"mapper {mapper!r} needs images of {wanted[0]} x {wanted[1]} pixels for view "
            f"{view} and a volume of {' x '.join(map(str, task.volume.size))}, but they are "
            f"{' x '.join(map(str, task.xray.size))}; choose a dataset with images as large as "
            "the volume, or a mapper that changes sizes, such as 'repeat_concat' with "
            "align = 'geometric'"
        )
        raise PartError(msg, code="sizes-do-not-meet")
