"""Metadata of an exported file, as plain text under plain names."""

from __future__ import annotations

import json

import torch

from repcat.export.source import Subject
from repcat.io.notice import SYNTHETIC
from repcat.version import __version__

LICENCE = (
    "repcat is Apache-2.0; weights carry the licence that their owner states and the terms of the "
    "data they were trained on"
)


def facts(subject: Subject) -> dict[str, str]:
    """Return input, output, geometry, window, views, licence and origin."""
    recipe, data = subject.recipe, subject.recipe.data
    views = ", ".join(map(str, recipe.views))
    window, n = recipe.window, data.size
    return {
        "note": SYNTHETIC,
        "licence": LICENCE,
        "input": (
            f"xrays (batch, {len(recipe.views)}, {n}, {n}) float32 in [0, 1], bones bright, one "
            f"channel a view at {views} degrees, rows from head to foot"
        ),
        "input_scale": scale(subject),
        "output": output(subject),
        "views": json.dumps([str(view) for view in recipe.views]),
        "window": json.dumps([window.low, window.high]),
        "geometry": json.dumps(subject.patients.geometry.to_dict()),
        "repcat": __version__,
        "torch": torch.__version__,
        "step": str(subject.predictor.step),
        "weights": "averaged" if subject.predictor.averaged else "trained",
        "dataset": subject.patients.name,
        "dataset_hash": subject.patients.fingerprint,
    }


def scale(subject: Subject) -> str:
    """Say how line integrals became the numbers in [0, 1] that the network was trained on."""
    data = subject.recipe.data
    words = {
        "max": "line integrals divided by each image's maximum",
        "fixed": f"line integrals divided by {data.xray_full:g} and clipped",
        "transmission": "1 - exp(-line integral)",
    }[data.xray]
    return words + (f", rounded to {data.xray_bits} bits" if data.xray_bits else "")


def output(subject: Subject) -> str:
    """Say what the volume's numbers are and how it is indexed."""
    window, n = subject.recipe.window, subject.recipe.data.size
    z, y, x = subject.patients.geometry.voxel_mm
    stretched = (
        "not true HU: trained on volumes stretched to their own extremes, read by the window"
    )
    known = "HU" if subject.recipe.data.volume == "window" else stretched
    return (
        f"volume (batch, {n}, {n}, {n}) float32 in {known}, clipped to {window.low:g}.."
        f"{window.high:g}; axes z to the head, y to the back, x to the patient's left; voxels of "
        f"{z:g} x {y:g} x {x:g} mm"
    )
