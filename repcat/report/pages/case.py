"""Case page: a volume from a user's own X-rays, and what was doubted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import torch
from torch import Tensor

from repcat.errors import DataError, RunError
from repcat.geometry import View
from repcat.report.html.document import Document, write
from repcat.report.html.markup import Html, element, folded, pairs, together
from repcat.report.html.redact import plain, without
from repcat.report.html.viewer_data import Layer, Scene, Shot

Json = Mapping[str, Any]


def case_document(folder: Path) -> Document:
    """Read a case folder: case.json, volume.npy in HU, xrays.safetensors.

    Names of the user's files are left out, also of warnings: a name may be a patient's.
    """
    case = _read(folder)
    try:
        views: Sequence[Json] = case["views"]
        spacing = tuple(float(mm) for mm in case["geometry"]["voxel_mm"])
        given, cast, hu = _tensors(folder)
        if hu.ndim != 3 or len(spacing) != 3 or not len(views) == len(given) == len(cast):
            raise ValueError("volume, X-rays and case.json do not belong together")  # noqa: EM101
        shots = tuple(_shot(v, *pair) for v, *pair in zip(views, given, cast, strict=True))
        z, y, x = spacing
        scene = Scene("case", (Layer("reconstruction", hu, (z, y, x)),), shots)
        sections = [
            ("views", "How the X-rays were read", _views(views)),
            ("provenance", "Model and provenance", _provenance(case)),
        ]
        top = together(_warnings(case), _faithfulness(case))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        msg = f"{folder} holds no whole case ({error}); make it again with repcat predict --xray"
        raise DataError(msg) from None
    count = len(views)
    title = f"A CT volume from {count} X-ray{'s' * (count != 1)}"
    about = "Reconstructed by a network from X-rays alone; there is no true CT to compare with."
    return Document(title, about, top, sections, (scene,))


def _read(folder: Path) -> Json:
    file = folder / "case.json"
    try:
        found: Json = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        msg = (
            f"{folder} is no case: there is no case.json in it; repcat predict RUN --xray makes one"
        )
        raise RunError(msg) from None
    except (OSError, ValueError) as error:
        msg = f"{file} cannot be read ({error}); make the case again with repcat predict --xray"
        raise DataError(msg) from None
    return found


def _tensors(folder: Path) -> tuple[Tensor, Tensor, Tensor]:
    """Return the X-rays given and cast (N, rows, columns), and the volume (D, H, W) in HU."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        xrays = load_file(folder / "xrays.safetensors")
        volume = np.load(folder / "volume.npy", allow_pickle=False).astype(np.float32)
        return xrays["given"].float(), xrays["reprojected"].float(), torch.from_numpy(volume)
    except (OSError, EOFError, SafetensorError) as error:
        raise ValueError(str(error)) from None


def _shot(view: Json, given: Tensor, cast: Tensor) -> Shot:
    name = View(float(view["azimuth"]), bool(view.get("mirrored", False)))
    return Shot(name, given, cast, tuple(_clean(words, [view]) for words in view.get("steps", ())))


def _clean(words: object, views: Sequence[Json]) -> str:
    text = str(words)
    for number, view in enumerate(views, start=1):
        instead = "the file" if len(views) == 1 else f"file {number}"
        text = without(text, [str(view.get("file", ""))], instead)
    return str(plain(text))


def _warnings(case: Json) -> Html:
    found = case.get("warnings") or ()
    rows = []
    for one in found:
        text = _clean(one.get("text", one), case["views"])
        measure = f" Measured {_number(one.get('measure'))}, limit {_number(one.get('limit'))}."
        shown = measure if one.get("measure") is not None else ""
        rows.append(element("li", element("strong", f"{one.get('code')}: "), text, shown))
    if not rows:
        return element("section", element("p", "No warning: the X-rays look like the training's."))
    title = element("h2", f"{len(rows)} warning{'s' * (len(rows) != 1)}", id="warnings-title")
    body = element("div", element("ul", *rows), class_="warning")
    return element("section", title, body, id="warnings", aria_labelledby="warnings-title")


def _faithfulness(case: Json) -> Html:
    rows = [
        (
            f"azimuth {_number(r.get('azimuth'))}",
            f"PSNR {_number(r.get('psnr'))} dB, NCC {_number(r.get('ncc'))}",
        )
        for r in case.get("reprojection") or ()
    ]
    if not rows:
        return Html("")
    words = (
        "The volume is projected again and compared with the X-rays given. A volume can agree with "
        "its X-rays and still be wrong: they leave much open."
    )
    title = element("h2", "Agreement with the X-rays", id="agreement-title")
    hint = element("p", words, class_="hint")
    return element("section", title, pairs(rows), hint, aria_labelledby="agreement-title")


def _views(views: Sequence[Json]) -> Html:
    heads = ("view", "azimuth", "given as", "kind of file", "SHA-256, beginning")
    rows = [
        (
            str(v.get("name") or f"view {n}"),
            f"{_number(v.get('azimuth'))} degrees{', mirrored' * bool(v.get('mirrored'))}",
            _clean(v.get("given_as", "-"), [v]),
            PurePath(str(v.get("file", ""))).suffix or "none",
            str(v.get("sha256", "-"))[:16],
        )
        for n, v in enumerate(views, start=1)
    ]
    table = element(
        "table",
        element("caption", "Files by hash; their names are left out"),
        element("thead", element("tr", *(element("th", h, scope="col") for h in heads))),
        element("tbody", *(_table_row(row) for row in rows)),
    )
    return element("div", table, class_="wide", tabindex=0, role="region", aria_label="Views")


def _table_row(row: Sequence[str]) -> Html:
    head, *cells = row
    return element("tr", element("th", head, scope="row"), *(element("td", cell) for cell in cells))


def _provenance(case: Json) -> Html:
    version = case.get("repcat") or case.get("version") or case.get("repcat_version")
    run = plain(case.get("run") or {})
    rows = [(f"run: {key}", str(value)) for key, value in run.items() if value is not None]
    rows += [("repcat", str(version))] if version else []
    rows += [("window", f"{case['window']} HU")] if "window" in case else []
    geometry = json.dumps(plain(case["geometry"]), indent=2)
    return together(pairs(rows), folded("Geometry", element("pre", geometry)))


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)


def write_case(case_dir: Path, out: Path | None = None) -> Path:
    """Write the page of a case to `out`, by default report.html in its folder.

    Raises:
        RunError: when the folder is no case.
        DataError: when a file of it is missing or does not fit the others.
    """
    return write(case_document(case_dir), out or case_dir / "report.html")
