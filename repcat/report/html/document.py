"""One HTML file that holds all it needs: style, code, volumes, pictures; it may open nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from repcat.errors import DataError
from repcat.io.atomic import atomic_file
from repcat.io.notice import SYNTHETIC
from repcat.report.html.template import render
from repcat.report.html.viewer_data import Scene, fitting, panels, volumes
from repcat.report.html.xray_panels import FULL, radiographs


@dataclass(frozen=True, slots=True)
class Document:
    """What a page says: a heading, a line below it, scenes for the viewer, and its template's own.

    `template` is a name in `report/templates` and takes `values`; "page" shows the scenes alone.
    """

    title: str
    about: str
    scenes: Sequence[Scene] = ()
    template: str = "page"
    values: Mapping[str, object] = field(default_factory=dict)


def write(document: Document, path: Path) -> Path:
    """Write a page, whole or not at all; returns where it is."""
    if path.suffix.lower() not in (".html", ".htm"):
        msg = f"{path} is no .html; a page is written as one HTML file"
        raise DataError(msg, code="not-html")
    text = page(document)
    with atomic_file(path) as file:
        file.write_text(text, encoding="utf-8", newline="\n")
    return path


def page(document: Document) -> str:
    """Return the text of a page; volumes are made coarser until they fit."""
    scenes = fitting(document.scenes)
    return render(
        document.template,
        title=document.title,
        about=document.about,
        notice=SYNTHETIC,
        version=version("repcat"),
        scenes=panels(scenes),
        volumes=volumes(scenes),
        notes=[scene.notes for scene in scenes],
        xrays=[radiographs(scene) for scene in scenes],
        full_colour=f"{FULL:.0%}",
        **document.values,
    )
