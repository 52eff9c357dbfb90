"""What commands do not import: each of these takes a second that nobody asked for."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

CODE = """
import json, sys
from repcat.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code
print(json.dumps(sorted(sys.modules)))
"""
NEVER = {"torch._dynamo", "torch._inductor", "torch.onnx._internal.exporter", "sympy", "roma"}
MONAI = {"monai.apps.datasets", "monai.transforms", "monai.data", "ignite", "pandas", "skimage"}
TRAINS = {"nanodrr.camera", "torchio.transforms", "nibabel.cifti2", "timm", "geomloss"}


def imported(folder, *words):
    command = [sys.executable, "-c", CODE, *map(str, words)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_training_loads_neither_the_compiler_nor_the_rest_of_monai(recipe, tmp_path):
    found = imported(tmp_path, "train", recipe, "--out", "run", "--device", "cpu")
    assert "monai.networks.nets.unet" in found and "nanodrr.drr.renderer" in found
    assert not found & (NEVER | MONAI | TRAINS)


@pytest.mark.slow
def test_predicting_films_draws_nothing_and_loads_no_compiler(trained_once, tmp_path):
    pixels = np.arange(1600, dtype=np.uint8).reshape(40, 40)
    for name in ("pa", "lat"):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    films = ("--xray", "pa.png@pa", "--xray", "lat.png@90")
    found = imported(tmp_path, "predict", trained_once, *films, "--device", "cpu")
    assert "monai.networks.nets.unet" in found and (tmp_path / "case" / "volume.mha").is_file()
    left = found & (NEVER | MONAI | TRAINS | {"matplotlib", "tensorboard"})
    assert not left
