"""Installation check: versions, extras, plugins, device, and a cure for each trouble."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Any

from repcat import device
from repcat.inference.engine.kinds import KINDS, lacks
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts
from repcat.runs.provenance import versions
from repcat.startup import allocator
from repcat.training.auto_precision import is_in_hardware

EXTRAS = {
    "dicom": "pydicom",
    "film": "skimage",
    "h5": "h5py",
    "idc": "idc_index",
    "onnx": "onnxruntime",
    "openvino": "openvino",
    "tensorboard": "tensorboard",
}
EXTERNAL = "monai.networks.nets geomloss SimpleITK nanodrr.drr scipy.ndimage matplotlib"


def report() -> dict[str, Any]:
    """Return versions, extras, plugins, the device, and a line for each trouble with its cure."""
    parts = load_parts()
    plugins = dict(parts.plugins) | {b.plugin: f"broken: {b.reason}" for b in parts.broken}
    return {
        "versions": versions(),
        "extras": {
            k: "installed" if find_spec(m) else f"pip install 'repcat[{k}]'"
            for k, m in EXTRAS.items()
        },
        "plugins": plugins,
        "device": device.describe(device.choose()),
        "accelerations": _accelerations(),
        "troubles": [*_wrong_versions(), *_imports(), *_plugins(parts)],
    }


def _accelerations() -> dict[str, str]:
    """Say what makes this machine faster, and what is missing for it."""
    on = device.choose()
    half = is_in_hardware(on)
    return {
        "memory": allocator.describe(),
        "bf16": "in hardware" if half else "only emulated here: fp32 is faster",
        **{f"engine {name}": lacks(kind, on) or kind.version for name, kind in KINDS.items()},
    }


def _wrong_versions() -> list[str]:
    """Compare what is installed with what repcat's own metadata asks for."""
    from packaging.requirements import Requirement

    found = []
    for line in requires("repcat") or []:
        need = Requirement(line)
        if need.marker and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            have = version(need.name)
        except PackageNotFoundError:
            found.append(f"{need.name} is missing; pip install '{need}'")
            continue
        if not need.specifier.contains(have, prereleases=True):
            found.append(f"{need.name} {have} is not {need.specifier}; pip install '{need}'")
    return found


def _imports() -> list[str]:
    found = []
    for name in EXTERNAL.split():
        try:
            import_module(name)
        except Exception as error:  # noqa: BLE001  (whatever a broken install raises)
            cure = f"pip install --force-reinstall {name.split('.')[0]}"
            found.append(f"import {name} fails ({type(error).__name__}: {error}); {cure}")
    return found


def _plugins(parts: Parts) -> list[str]:
    found = [
        f"plugin {b.plugin} was set aside ({b.reason}); reinstall it, or pip uninstall {b.plugin}"
        for b in parts.broken
    ]
    if not parts.backbones.parts:
        found.append("no backbone is registered; pip install --force-reinstall repcat")
    return found
