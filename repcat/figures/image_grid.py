"""Image grid: grey pictures in rows and columns."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from repcat.io.atomic import atomic_file
from repcat.io.notice import SYNTHETIC

PANEL_INCH = 1.35
LABEL_INCH = 1.0


class Sheet:
    """Rows and columns of pictures, a label left of each row, a title above."""

    def __init__(self, rows: int, columns: int, title: str) -> None:
        from matplotlib.figure import Figure

        size = (PANEL_INCH * columns + LABEL_INCH, PANEL_INCH * 1.12 * rows + 0.7)
        self.figure = Figure(figsize=size, layout="constrained")
        self.axes = self.figure.subplots(rows, columns, squeeze=False)
        for axis in self.axes.flat:
            axis.set_xticks([])
            axis.set_yticks([])
            axis.set_frame_on(False)
        self.figure.suptitle(f"{title}\n{SYNTHETIC}", fontsize=8)

    def label(self, row: int, text: str) -> None:
        """Write left of a row."""
        self.axes[row][0].set_ylabel(text, fontsize=7, rotation=0, ha="right", va="center")

    def show(
        self,
        row: int,
        column: int,
        image: Tensor,
        title: str = "",
        *,
        like: Tensor | None = None,
        colours: str = "gray",
    ) -> None:
        """Show an image (rows, columns), black and white as those of `like`, by default its own."""
        low, high = (float(v) for v in (image if like is None else like).aminmax())
        axis = self.axes[row][column]
        axis.imshow(image.cpu().numpy(), cmap=colours, vmin=low, vmax=high, interpolation="nearest")
        if title:
            axis.set_title(title, fontsize=7)

    def write(self, path: Path) -> None:
        """Write the page as a PNG, whole or not at all."""
        with atomic_file(path) as file:
            self.figure.savefig(file, dpi=130, format="png", metadata={"Description": SYNTHETIC})
