"""One HTML file that holds all it needs: style, code, volumes, pictures; it may open nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

from repcat.errors import DataError
from repcat.io.atomic import atomic_file
from repcat.io.notice import SYNTHETIC
from repcat.report.html.markup import Html, element, folded, section, together
from repcat.report.html.viewer import viewer, volumes
from repcat.report.html.viewer_data import Scene, fitting
from repcat.report.html.xray_panels import LEGEND, radiographs


@dataclass(frozen=True, slots=True)
class Document:
    """What a page says: a heading, a line below it, sections, and scenes for the viewer.

    `top` comes before the viewer, `sections` after it: name, heading, content.
    """

    title: str
    about: str
    top: Html
    sections: Sequence[tuple[str, str, Html]]
    scenes: Sequence[Scene] = ()


def write(document: Document, path: Path) -> Path:
    """Write a page, whole or not at all; returns where it is."""
    if path.suffix.lower() not in (".html", ".htm"):
        msg = f"{path} is no .html; a page is written as one HTML file"
        raise DataError(msg)
    text = page(document)
    with atomic_file(path) as file:
        file.write_text(text, encoding="utf-8", newline="\n")
    return path


def page(document: Document) -> str:
    """Return the text of a page.

    Its policy lets run what stands in it, by hash, and opens no connection.
    """
    scenes = fitting(document.scenes)
    style = asset("page.css")
    scripts = [asset("page.js")]
    if scenes:
        scripts += [niivue(), *(asset(f"{name}.js") for name in ("volumes", "viewer", "controls"))]
    sections = [*_viewing(scenes), *document.sections, _licence(scenes)]
    places = [element("li", element("a", title, href=f"#{name}")) for name, title, _ in sections]
    return Template(asset("page.html")).substitute(
        policy=_policy(style, scripts),
        title=together(f"{document.title} - repcat"),
        heading=together(document.title),
        about=together(document.about),
        notice=together(SYNTHETIC[0].upper() + SYNTHETIC[1:]),
        style=style,
        places="".join(places),
        top=document.top,
        sections="".join(section(*one) for one in sections),
        version=version("repcat"),
        data=volumes(scenes) if scenes else "",
        scripts="".join(element("script", Html(code)) for code in scripts),
    )


def asset(name: str) -> str:
    """Read a text that is shipped beside this module."""
    return (files("repcat.report") / "assets" / name).read_text(encoding="utf-8")


def niivue() -> str:
    """Return NiiVue as one script; where it is from and its licence: assets/NIIVUE.md."""
    packed = (files("repcat.report") / "assets" / "niivue.umd.js.gz").read_bytes()
    return gzip.decompress(packed).decode("utf-8")


def _viewing(scenes: Sequence[Scene]) -> list[tuple[str, str, Html]]:
    found = [("volumes", "Volumes", viewer(scenes))] if scenes else []
    if any(scene.shots for scene in scenes):
        shown = [radiographs(scene, n) for n, scene in enumerate(scenes)]
        found.append(("xrays", "X-rays", together(element("p", LEGEND, class_="hint"), *shown)))
    return found


def _licence(scenes: Sequence[Scene]) -> tuple[str, str, Html]:
    told = "One file; nothing is loaded from anywhere, and its policy forbids connections."
    if not scenes:
        return "page", "This page", element("p", told)
    text = element("pre", asset("NIIVUE.md"))
    return "page", "This page", together(element("p", told), folded("Viewer: NiiVue", text))


def _policy(style: str, scripts: Sequence[str]) -> str:
    hashes = " ".join(_hash(code) for code in scripts)
    return (
        f"default-src 'none'; connect-src 'none'; img-src data:; style-src {_hash(style)}; "
        f"script-src {hashes}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
