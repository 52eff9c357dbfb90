"""MONAI's networks, each without the rest of MONAI, which takes seconds to load."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any

from repcat_plugins.lazy_packages import LazyPackage, lazy_packages


def monai_network(name: str) -> Any:  # noqa: ANN401  (MONAI has no types)
    """Import a class of `monai.networks.nets`, the same that `import monai` gives."""
    with lazy_packages("monai"):
        root = import_module("monai")
        if isinstance(root, LazyPackage):
            vars(root).setdefault("__version__", version("monai"))  # its modules ask for it
        return getattr(import_module("monai.networks.nets"), name)
