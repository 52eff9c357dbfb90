"""repcat: a 3D CT volume from one to eight 2D X-rays. Research software, not a medical device.

This is the public face: every name that a plugin may import, and `load` for those who reconstruct.
Names are loaded on first use, so that the command line starts without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repcat import testing
    from repcat.case.case import Case
    from repcat.case.handling import Handling
    from repcat.case.loading import load
    from repcat.case.reconstructor import Reconstructor
    from repcat.chance import seeded
    from repcat.contracts import (
        SPLITS,
        BackboneFactory,
        InputMapper,
        Metric,
        Model,
        Objective,
        Patients,
        Projector,
        Turn,
        need_same_size,
    )
    from repcat.data.film.files import read_film
    from repcat.data.film.film import Film
    from repcat.data.store.catalogue import read_dataset
    from repcat.data.store.record import read_patient
    from repcat.data.xray import attenuation
    from repcat.errors import DataError, PartError, RepcatError
    from repcat.geometry import Geometry, View, preset
    from repcat.hookspecs import hookimpl
    from repcat.registry import Parts
    from repcat.shapes import Batch, Grid, Patient, Prediction, Request, Task, Window

__version__ = "0.1.0"

_HOME = {
    "repcat.case.case": "Case",
    "repcat.case.handling": "Handling",
    "repcat.case.loading": "load",
    "repcat.case.reconstructor": "Reconstructor",
    "repcat.chance": "seeded",
    "repcat.contracts": (
        "SPLITS BackboneFactory InputMapper Metric Model Objective Patients Projector Turn "
        "need_same_size"
    ),
    "repcat.data.film.files": "read_film",
    "repcat.data.film.film": "Film",
    "repcat.data.store.catalogue": "read_dataset",
    "repcat.data.store.record": "read_patient",
    "repcat.data.xray": "attenuation",
    "repcat.errors": "DataError PartError RepcatError",
    "repcat.geometry": "Geometry View preset",
    "repcat.hookspecs": "hookimpl",
    "repcat.registry": "Parts",
    "repcat.shapes": "Batch Grid Patient Prediction Request Task Window",
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names.split()}


def __getattr__(name: str) -> Any:  # noqa: ANN401  (PEP 562: any public name)
    if name == "testing":
        return import_module("repcat.testing")
    if name not in _MODULE_OF:
        msg = f"module 'repcat' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_MODULE_OF[name]), name)


__all__ = [
    "SPLITS",
    "BackboneFactory",
    "Batch",
    "Case",
    "DataError",
    "Film",
    "Geometry",
    "Grid",
    "Handling",
    "InputMapper",
    "Metric",
    "Model",
    "Objective",
    "PartError",
    "Parts",
    "Patient",
    "Patients",
    "Prediction",
    "Projector",
    "Reconstructor",
    "RepcatError",
    "Request",
    "Task",
    "Turn",
    "View",
    "Window",
    "__version__",
    "attenuation",
    "hookimpl",
    "load",
    "need_same_size",
    "preset",
    "read_dataset",
    "read_film",
    "read_patient",
    "seeded",
    "testing",
]
