"""Hub folder: the default export, which `repcat.load` takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from repcat.export.parity import Agreement, check_parity
from repcat.export.source import Subject
from repcat.export.strip_paths import portable
from repcat.inference.exported import model_hash, read_exported, write_exported
from repcat.inference.load import find_reference
from repcat.io.checksums import write_checksums
from repcat.registry.plugins import load_parts
from repcat.runs.calibration import Calibration

FILES = (
    "`model.safetensors`: the network's weights",
    "`recipe.toml`: every option, without paths of the machine it was trained on",
    "`geometry.json`: where source, detector and volume are, in mm",
    "`film.safetensors`: what its training X-rays are like on average, to judge films by",
)
USE = """\
```python
import repcat

model = repcat.load("this folder")
case = model.reconstruct(["front.png", "side.png"], ["pa", "left_lateral"])  # views it knows
case.volume  # (D, H, W) in HU: synthetic, research use only
```

The plugins whose parts `recipe.toml` names must be installed; `repcat parts` lists what is.
"""


@torch.no_grad()
def write_hub(subject: Subject, folder: Path) -> Agreement:
    """Write weights, recipe, geometry, training reference; whole, read back, or not at all.

    Raises:
        RunError: where the folder, read again, does not give the run's volumes bit for bit.
    """
    recipe = portable(subject.recipe, load_parts())
    reference = find_reference(subject.run, subject.recipe, load_parts())
    write_exported(folder, recipe, reference.geometry, subject.network, subject.predictor.step)
    reference.write(folder)
    _write_calibration(subject, folder)
    write_checksums(folder)
    read = read_exported(folder)
    pair = [n.eval()(subject.batch).volume for n in (read.network, subject.network)]
    ours, theirs = (read.recipe.window.to_hu(unit)[:, 0] for unit in pair)
    return check_parity([(ours, theirs)], subject, 0.0)


def _write_calibration(subject: Subject, folder: Path) -> None:
    """Take along the run's calibration where it is of these weights; without its patients' ids."""
    found, step = Calibration.read(subject.run.path), subject.predictor.step
    if found and found.weights == model_hash(subject.run.path, step):
        replace(found, weights=model_hash(folder, step), patients=[]).write(folder)
