"""A MONAI bundle: a folder that MONAI's own configuration loader opens, without a pickle in it.

By convention a bundle holds models/model.pt, a pickle, and `monai.bundle.load` reads nothing else.
repcat writes models/model.safetensors instead, which `network_def` reads; `write_model_pt` is there
for whoever wants the pickle made on his own machine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from repcat.export.hub import write_hub
from repcat.export.metadata import LICENCE, facts
from repcat.export.source import Subject
from repcat.io.notice import SYNTHETIC
from repcat.runs.provenance import versions
from repcat.version import __version__

USE = """\
```python
from monai.bundle import ConfigParser

parser = ConfigParser()
parser.read_config("configs/inference.json")
parser["bundle_root"] = "this folder"
network = parser.get_parsed_content("network_def")  # X-rays (B, N, rows, columns) to HU
```

From this folder, for every `.npy` of X-rays (N, rows, columns) in `xrays`:

    python -m monai.bundle run --config_file configs/inference.json --output_dir volumes

MONAI evaluates the expressions of a config: open bundles only from people you trust. `repcat` must
be installed. There is no `models/model.pt`, because it would be a pickle, so `monai.bundle.load`
finds nothing; whoever wants it makes it here, once:

    python -m monai.bundle run write_model_pt --config_file configs/inference.json
"""
FILES = (
    "`configs/metadata.json`, `configs/inference.json`: what MONAI reads",
    "`models/model.safetensors`, `models/recipe.toml`, `models/geometry.json`: what `repcat.load` "
    "reads too",
)
SCHEMA = (
    "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
    "meta_schema_20220324.json"
)


def write_bundle(subject: Subject, folder: Path) -> None:
    """Write configs/ and models/ into a folder that exists."""
    for name, text in (("metadata", metadata(subject)), ("inference", inference(subject))):
        file = folder / "configs" / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(text, indent=4) + "\n", encoding="utf-8")
    models = folder / "models"
    models.mkdir()
    write_hub(subject, models)


def inference(subject: Subject) -> dict[str, Any]:
    """Return the config: `network_def` reads models/, `run` does a folder of X-rays."""
    save = "$torch.save(@network_def.state_dict(), @bundle_root + '/models/model.pt')"
    return {
        "imports": ["$import torch"],
        "bundle_root": ".",
        "device": "$torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "dataset_dir": "$@bundle_root + '/xrays'",
        "output_dir": "$@bundle_root + '/volumes'",
        "network_def": {
            "_target_": "repcat.export.reconstruction.read_reconstruction",
            "folder": "$@bundle_root + '/models'",
        },
        "network": "$@network_def.to(@device)",
        "inferer": {"_target_": "SimpleInferer"},
        "run": [
            {
                "_target_": "repcat.export.bundle_run.run",
                "network": "@network",
                "inferer": "@inferer",
                "xrays": "@dataset_dir",
                "volumes": "@output_dir",
                "device": "@device",
                "voxel_mm": list(subject.patients.geometry.voxel_mm),
            }
        ],
        "write_model_pt": [save],
    }


def metadata(subject: Subject) -> dict[str, Any]:
    """Return what MONAI's bundle specification asks a bundle to say of itself."""
    n, views = subject.recipe.data.size, len(subject.recipe.views)
    window, found = subject.recipe.window, versions()
    xray, hu = ("magnitude", "CR", "X-ray of one view"), ("hounsfield", "CT", "HU")
    return {
        "schema": SCHEMA,
        "version": "0.1.0",
        "changelog": {"0.1.0": f"step {subject.predictor.step}, exported by repcat"},
        "monai_version": found["monai"],
        "pytorch_version": found["torch"],
        "numpy_version": found["numpy"],
        "required_packages_version": {"repcat": __version__},
        "name": subject.run.path.resolve().name,
        "task": "Reconstruction of a CT volume from X-rays",
        "description": f"A CT volume from {views} X-rays; {SYNTHETIC}",
        "authors": "not stated",
        "copyright": LICENCE,
        "data_source": subject.patients.name,
        "data_type": "npy",
        "image_classes": "X-rays in [0, 1], bones bright",
        "label_classes": "none",
        "pred_classes": "CT numbers in HU",
        "eval_metrics": {},
        "intended_use": f"{SYNTHETIC}; not a medical device",
        "references": [],
        "network_data_format": {
            "inputs": {"image": _format(views, [n, n], [0, 1], xray)},
            "outputs": {"pred": _format(1, [n, n, n], [window.low, window.high], hu)},
        },
        "repcat": facts(subject),
    }


def _format(
    channels: int, size: list[int], span: list[float], words: tuple[str, str, str]
) -> dict[str, Any]:
    """Describe a tensor; `words` are its format, its modality and what each channel is."""
    return {
        "type": "image",
        "format": words[0],
        "modality": words[1],
        "num_channels": channels,
        "spatial_shape": size,
        "dtype": "float32",
        "value_range": span,
        "is_patch_data": False,
        "channel_def": dict.fromkeys(map(str, range(channels)), words[2]),
    }
