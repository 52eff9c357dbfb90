"""Imports of a worker, made once: only the server that workers are forked from imports this.

Here, alone in repcat, importing is the work: Python's fork server takes names of modules and calls
nothing. One projection brings in what projectors import when they are first used. Plugins are
found anew by each worker, whose path is its parent's.
"""

from __future__ import annotations

from contextlib import suppress

import torch
from scipy import ndimage as ndimage

from repcat.data.prepare.scan_to_patient import project
from repcat.data.prepare.settings import Settings
from repcat.registry.plugins import load_parts
from repcat.view import View


def _import_all() -> None:
    torch.set_num_threads(1)  # threads would not live on in a fork
    with suppress(Exception):  # a worker will say so, to whom it may concern
        project(torch.zeros(8, 8, 8), Settings(size=8, views=(View(0.0),)))
    load_parts.cache_clear()


_import_all()
