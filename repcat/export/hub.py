"""Hub folder: the default export, which `repcat.load` takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from repcat.export.model_card_scores import stated_scores
from repcat.export.parity import Agreement, check_parity
from repcat.export.source import Subject
from repcat.export.strip_paths import portable
from repcat.inference.exported import model_hash, read_exported, write_exported
from repcat.inference.load import find_reference
from repcat.inference.model_record import ModelRecord
from repcat.io.checksums import write_checksums
from repcat.registry.plugins import load_parts
from repcat.runs.calibration import Calibration

# Largest difference of any voxel that halves of the weights may make, in shares of the window's
# width: they keep 11 bits, 5e-4 of a number a rounding, and all else is computed in float32.
HALF = 1e-2

FILES = (
    "`model.safetensors`: the network's weights",
    "`recipe.toml`: every option, without paths of the machine it was trained on",
    "`geometry.json`: where source, detector and volume are, in mm",
    "`film.safetensors`: what its training X-rays are like on average, to judge films by",
    "`model.json`: data, licence and figures, as `repcat models` lists them",
)
USE = """\
```python
import repcat

model = repcat.load("this folder")
case = model.reconstruct(["front.png", "side.png"], ["pa", "left_lateral"])  # views it knows
case.volume  # (D, H, W) in HU: synthetic, research use only
```

`repcat models add "this folder"` installs it: `repcat predict --xray ...` then finds it by itself.

The plugins whose parts `recipe.toml` names must be installed; `repcat parts` lists what is.
"""


@torch.no_grad()
def write_hub(
    subject: Subject, folder: Path, *, half: bool = False, licence: str = ""
) -> Agreement:
    """Write weights, recipe, geometry, training reference, record; whole, read back, or not at all.

    With `half` the weights are stored in half precision; `licence` is theirs.

    Raises:
        RunError: where the folder, read again, does not give the run's volumes bit for bit, or in
            half precision gives others.
        DataError: where a weight is too large for half precision.
    """
    recipe = portable(subject.recipe, load_parts())
    reference = find_reference(subject.run, subject.recipe, load_parts())
    step = subject.predictor.step
    write_exported(folder, recipe, reference.geometry, subject.network, step, half=half)
    reference.write(folder)
    scores = stated_scores(subject.run, step, load_parts())
    ModelRecord.of(scores, _data(subject), licence, half).write(folder)
    _write_calibration(subject, folder)
    write_checksums(folder)
    read = read_exported(folder)
    pair = [n.eval()(subject.batch).volume for n in (read.network, subject.network)]
    ours, theirs = (read.recipe.window.to_hu(unit)[:, 0] for unit in pair)
    return check_parity([(ours, theirs)], subject, HALF if half else 0.0)


def _data(subject: Subject) -> str:
    """Say on what the model was trained."""
    patients, own = subject.patients, subject.run.provenance().get("dataset")
    if own not in (None, patients.name):  # checked on another dataset
        return str(own)
    note = f"; {patients.note}" if patients.note else ""
    return f"{patients.name}, {len(patients.ids('train'))} training patients{note}"


def _write_calibration(subject: Subject, folder: Path) -> None:
    """Take along the run's calibration where it is of these weights; without its patients' ids."""
    found, step = Calibration.read(subject.run.path), subject.predictor.step
    if found and found.weights == model_hash(subject.run.path, step):
        replace(found, weights=model_hash(folder, step), patients=[]).write(folder)
