"""The viewer of a page: its controls, a panel a volume, and the volumes themselves."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

from repcat.report.html.markup import Html, element, listed, together
from repcat.report.html.nifti import nifti
from repcat.report.html.viewer_data import Scene

# Level and width as radiologists set them, from black to white in HU; the last is repcat's range.
WINDOWS = {
    "Lung": (-1350, 150),
    "Soft tissue": (-160, 240),
    "Bone": (-500, 1300),
    "All": (-1000, 1000),
}
PLANES = {"All planes": 3, "Axial": 0, "Coronal": 1, "Sagittal": 2, "3D": 4}  # NiiVue's numbers
ERRORS = (200, 500, 1000)  # HU at the bright end of an absolute error
AXES = (
    ("x", "Right to left", "to the patient's left", "to the patient's right"),
    ("y", "Front to back", "to the back", "to the front"),
    ("z", "Foot to head", "to the head", "to the feet"),
)
KEYS = (
    "Radiological convention: the patient's right is on the image's left. Click or drag to move "
    "the crosshair in all panels; drag the 3D view to turn it. Keys on a panel: arrows move right, "
    "left, head, foot; Page Up and Page Down front and back; Home the middle."
)


def viewer(scenes: Sequence[Scene]) -> Html:
    """Return the controls and panels for scenes; `volumes` holds what they show."""
    most = max(len(s.layers) + (s.against is not None) for s in scenes)
    return together(
        element("div", *_controls(scenes), class_="controls"),
        element("p", KEYS, id="keys", class_="hint"),
        element("div", *(_panel(n) for n in range(most)), class_="panels"),
        element("p", "The volumes are being unpacked.", id="status", role="status"),
        element("div", *_sliders(), class_="sliders"),
        *(
            element("div", listed(s.notes), class_="hint", data_scene=n, hidden=n > 0)
            for n, s in enumerate(scenes)
        ),
        element("noscript", element("p", "The viewer needs JavaScript; the tables below do not.")),
    )


def volumes(scenes: Sequence[Scene]) -> Html:
    """Return the volumes of scenes as base64, and the list of what the viewer makes of them."""
    blocks: list[Html] = []
    told: list[dict[str, Any]] = []
    for scene in scenes:
        shown: list[dict[str, Any]] = []
        for layer in scene.layers:
            name = f"volume-{len(blocks)}"
            data = base64.b64encode(nifti(layer.hu, layer.spacing_mm)).decode()
            blocks.append(_block(name, "application/gzip", data))
            shown.append({"name": layer.name, "volume": name})
        if scene.against:
            shown.append({"name": "absolute error", "error": list(scene.against)})
        told.append({"name": scene.title, "layers": shown})
    # "<" would let a patient's name end the block
    text = json.dumps({"scenes": told, "axes": AXES}).replace("<", "\\u003c")
    return together(_block("scenes", "application/json", text), *blocks)


def _block(name: str, kind: str, data: str) -> Html:
    return element("script", Html(data), id=name, type=kind)


def _controls(scenes: Sequence[Scene]) -> Iterable[Html]:
    yield _choice("patient", "Patient", ((str(n), s.title) for n, s in enumerate(scenes)))
    yield _buttons("Window", "window", {k: f"{a},{b}" for k, (a, b) in WINDOWS.items()}, "All")
    low, high = WINDOWS["All"]
    yield element(
        "div", _number("low", "Black, HU", low), _number("high", "White, HU", high), class_="pair"
    )
    yield _buttons("Planes", "plane", {k: str(v) for k, v in PLANES.items()}, "All planes")
    yield element("div", role="group", aria_label="Panels shown", id="shown", class_="buttons")
    if any(s.against for s in scenes):
        yield _choice("error-top", "Error, bright at", ((str(e), f"{e} HU") for e in ERRORS), "500")


def _buttons(label: str, name: str, values: dict[str, str], chosen: str) -> Html:
    made = (
        element("button", word, type="button", value=v, aria_pressed=str(word == chosen).lower(),
                data_set=name)
        for word, v in values.items()
    )  # fmt: skip
    return element(
        "div", element("span", label), *made, role="group", aria_label=label, class_="buttons"
    )


def _choice(name: str, label: str, values: Iterable[tuple[str, str]], chosen: str = "0") -> Html:
    made = (element("option", word, value=v, selected=v == chosen) for v, word in values)
    return element("label", element("span", label), element("select", *made, id=name))


def _number(name: str, label: str, value: int) -> Html:
    entry = element("input", id=name, type="number", value=value, step=10, min=-32768, max=32767)
    return element("label", element("span", label), entry)


def _panel(number: int) -> Html:
    canvas = element(
        "canvas", tabindex=0, role="application", aria_describedby="keys status",
        aria_label="volume", data_panel=number,
    )  # fmt: skip
    value = element("output", class_="value")
    head = element("figcaption", element("span", "", class_="name"), value)
    return element("figure", head, element("div", canvas, class_="canvas"), class_="closed")


def _sliders() -> Iterable[Html]:
    for axis, label, *_ in AXES:
        entry = element("input", id=f"at-{axis}", type="range", min=-1, max=1, step="any", value=0)
        yield element("label", element("span", label), entry)
