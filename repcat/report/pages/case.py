"""Case page: a volume from a user's own X-rays, and what was doubted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from tokenize import TokenError
from typing import Any

import numpy as np
import torch
from torch import Tensor

from repcat.errors import DataError, RunError
from repcat.io.json_object import parse_object
from repcat.report.html.document import Document, write
from repcat.report.html.redact import plain, without
from repcat.report.html.viewer_data import Layer, Scene, Shot
from repcat.view import View

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
        values = {
            "warnings": [_warning(one, views) for one in case.get("warnings") or ()],
            "interval": list(_interval(case.get("interval") or {})),
            "agreement": [_agreement(one) for one in case.get("reprojection") or ()],
            "views": [_view(v, n) for n, v in enumerate(views, start=1)],
            "provenance": _provenance(case),
            "geometry": json.dumps(plain(case["geometry"]), indent=2),
        }
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        msg = f"{folder} holds no whole case ({error}); make it again with repcat predict --xray"
        raise DataError(msg, code="case-damaged") from None
    count = len(views)
    title = f"A CT volume from {count} X-ray{'s' * (count != 1)}"
    about = "Reconstructed by a network from X-rays alone; there is no true CT to compare with."
    return Document(title, about, (scene,), "case", values)


def _read(folder: Path) -> Json:
    file = folder / "case.json"
    try:
        return parse_object(file.read_bytes())
    except FileNotFoundError:
        msg = f"{folder} is no case: it has no case.json; repcat predict RUN --xray makes one"
        raise RunError(msg, code="not-a-case") from None
    except (OSError, ValueError) as error:
        msg = f"{file} cannot be read ({error}); make the case again with repcat predict --xray"
        raise DataError(msg, code="case-damaged") from None


def _tensors(folder: Path) -> tuple[Tensor, Tensor, Tensor]:
    """Return the X-rays given and cast (N, rows, columns), and the volume (D, H, W) in HU."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        xrays = load_file(folder / "xrays.safetensors")
        volume = np.load(folder / "volume.npy", allow_pickle=False).astype(np.float32)
        return xrays["given"].float(), xrays["reprojected"].float(), torch.from_numpy(volume)
    except (OSError, EOFError, SyntaxError, TokenError, MemoryError, SafetensorError) as error:
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


def _warning(one: Json, views: Sequence[Json]) -> tuple[str, str]:
    text, measure = _clean(one.get("text", one), views), one.get("measure")
    if measure is not None:
        limit = _number(one.get("limit"))
        text = f"{text.rstrip('.')}. Measured {_number(measure)}, limit {limit}."
    return str(one.get("code")), text


def _agreement(one: Json) -> tuple[str, str]:
    told = f"PSNR {_number(one.get('psnr'))} dB, NCC {_number(one.get('ncc'))}"
    return f"azimuth {_number(one.get('azimuth'))}", told


def _interval(found: Json) -> Iterator[tuple[str, str]]:
    """Say what the lower and the upper volume promise, and the organ figures with their spans."""
    if "note" in found:
        yield "lower and upper volume", str(plain(found["note"]))
    for name, (value, low, high) in (found.get("figures") or {}).items():
        span = "" if low is None else f", {_number(low)} to {_number(high)}"
        yield str(name), "not known" if value is None else f"{_number(value)}{span}"


def _view(view: Json, number: int) -> tuple[str, ...]:
    return (
        str(view.get("name") or f"view {number}"),
        f"{_number(view.get('azimuth'))} degrees{', mirrored' * bool(view.get('mirrored'))}",
        _clean(view.get("given_as", "-"), [view]),
        PurePath(str(view.get("file", ""))).suffix or "none",
        str(view.get("sha256", "-"))[:16],
    )


def _provenance(case: Json) -> list[tuple[str, str]]:
    version = case.get("repcat") or case.get("version") or case.get("repcat_version")
    run = plain(case.get("run") or {})
    rows = [(f"run: {key}", str(value)) for key, value in run.items() if value is not None]
    rows += [("repcat", str(version))] if version else []
    return rows + ([("window", f"{case['window']} HU")] if "window" in case else [])


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)


def write_case(case_dir: Path, out: Path | None = None) -> Path:
    """Write the page of a case to `out`, by default report.html in its folder.

    Raises:
        RunError: when the folder is no case.
        DataError: when a file of it is missing or does not fit the others.
    """
    return write(case_document(case_dir), out or case_dir / "report.html")
