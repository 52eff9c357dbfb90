"""Given X-rays beside those that the volume casts, and where they differ."""

from __future__ import annotations

import math
from typing import Any

from repcat.report.html import png
from repcat.report.html.viewer_data import Scene, Shot
from repcat.scoring import metrics
from repcat.view import View

FULL = 0.2  # of the given image's largest value: where the colour of a difference is full


def radiographs(scene: Scene) -> list[dict[str, Any]]:
    """Return what a page shows of a scene's X-rays, a row a view."""
    return [_row(shot) for shot in scene.shots]


def sides(view: View) -> tuple[str, str]:
    """Return the letters of a view's left and right edge: R, L, A, P or two of them."""
    near = math.sin(math.radians(22.5))
    axes = zip(view.columns, ("LR", "PA"), strict=False)
    right = "".join(ends[x < 0] for x, ends in axes if abs(x) > near)
    return right.translate(str.maketrans("LRPA", "RLAP")), right


def _row(shot: Shot) -> dict[str, Any]:
    psnr = metrics.psnr(shot.given, shot.cast)
    close = f"PSNR {psnr:.1f} dB" if math.isfinite(psnr) else "no error"
    left, right = sides(shot.view)
    return {
        "azimuth": str(shot.view),
        "agreement": f"{close}, NCC {metrics.ncc(shot.given, shot.cast):.3f}",
        "left": left,
        "right": right,
        "words": shot.words,
        "pictures": {
            "input X-ray": png.grey(shot.given),
            "re-projection": png.grey(shot.cast),
            "difference": png.signed(shot.cast - shot.given, FULL),
        },
    }
