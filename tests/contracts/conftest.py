"""Strangers' distributions on a path, as pip leaves them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repcat.registry.plugins import load_parts

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a maker of distributions of one module; plugins are found anew after each.

    It takes a name, the module's code (None: there is none), and optionally entry points, the
    metadata and the version; it returns the folder that is on the path.
    """
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))

    def make(
        name: str,
        code: str | None,
        *,
        entries: str | None = None,
        metadata: str | None = "Metadata-Version: 2.1\nName: {name}\nVersion: 0.3\n",
    ) -> Path:
        module = name.replace("-", "_")
        if code is not None:
            (site / f"{module}.py").write_text(code)
        info = site / f"{module}-0.3.dist-info"
        info.mkdir()
        if metadata is not None:
            (info / "METADATA").write_text(metadata.format(name=name))
        (info / "entry_points.txt").write_text(entries or f"[repcat]\nany = {module}\n")
        load_parts.cache_clear()
        return site

    before = set(sys.modules)
    load_parts.cache_clear()
    yield make
    load_parts.cache_clear()
    for module in set(sys.modules) - before:
        if str(getattr(sys.modules[module], "__file__", "")).startswith(str(site)):
            del sys.modules[module]
