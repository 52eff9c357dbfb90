"""Given X-rays beside those that the volume casts, and where they differ."""

from __future__ import annotations

import math

from repcat.geometry import View
from repcat.report.html import png
from repcat.report.html.markup import Html, element, listed
from repcat.report.html.viewer_data import Scene, Shot
from repcat.scoring import metrics

FULL = 0.2  # of the given image's largest value: where the colour of a difference is full
LEGEND = (
    "Difference: red where the volume absorbs more than the patient did, blue where less; full "
    f"colour at {FULL:.0%} of the range. X-rays are shown as a radiologist reads them; R and L are "
    "the patient's right and left, A and P front and back."
)


def radiographs(scene: Scene, number: int) -> Html:
    """Show a scene's X-rays, a row a view; hidden unless it is the first scene."""
    rows = [_row(shot) for shot in scene.shots]
    return element("div", *rows, class_="shots", data_scene=number, hidden=number > 0)


def sides(view: View) -> tuple[str, str]:
    """Return the letters of a view's left and right edge: R, L, A, P or two of them."""
    x, y, _ = view.columns
    near = math.sin(math.radians(22.5))
    right = ("L" if x > near else "R" if x < -near else "") + (
        "P" if y > near else "A" if y < -near else ""
    )
    return right.translate(str.maketrans("LRPA", "RLAP")), right


def _row(shot: Shot) -> Html:
    psnr = metrics.psnr(shot.given, shot.cast)
    close = f"PSNR {psnr:.1f} dB" if math.isfinite(psnr) else "no error"
    figures = f"{close}, NCC {metrics.ncc(shot.given, shot.cast):.3f}"
    name = f"azimuth {shot.view} degrees"
    pictures = (
        _picture(png.grey(shot.given), "input X-ray", name, shot.view),
        _picture(png.grey(shot.cast), "re-projection", name, shot.view),
        _picture(png.signed(shot.cast - shot.given, FULL), "difference", name, shot.view),
    )
    heading = element("h3", name[0].upper() + name[1:], element("small", f" {figures}"))
    frame = element("div", *pictures, class_="three")
    return element("div", heading, frame, listed(shot.words), class_="shot")


def _picture(address: str, what: str, name: str, view: View) -> Html:
    left, right = sides(view)
    words = f"{what}, {name}, head up, {left} on the image's left and {right} on its right"
    marks = (
        element("span", left, class_="side left", aria_hidden="true"),
        element("span", right, class_="side right", aria_hidden="true"),
    )
    image = element("img", src=address, alt=words)
    return element(
        "figure",
        element("div", image, *marks, class_="film pale" if what == "difference" else "film"),
        element("figcaption", what),
    )
