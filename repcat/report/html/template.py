"""HTML templates: Jinja fills `report/templates`, and escapes each text where it enters."""

from __future__ import annotations

import base64
import gzip
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def render(name: str, **values: object) -> Markup:
    """Fill the template of a name; a value that it needs and is not given is an error."""
    return Markup(_environment().get_template(f"{name}.html.jinja").render(values))


def asset(name: str) -> str:
    """Read a text of `report/assets`, unpacked where it is a .gz; assets/NIIVUE.md is of NiiVue."""
    file = files("repcat.report") / "assets" / name
    if name.endswith(".gz"):
        return gzip.decompress(file.read_bytes()).decode("utf-8")
    return file.read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("repcat.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"asset": asset, "base64": _base64, "sha256": _sha256}
    return made


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _sha256(text: str) -> str:
    """Write the hash of a script or a style as a page's policy names it."""
    return f"sha256-{_base64(hashlib.sha256(text.encode()).digest())}"
