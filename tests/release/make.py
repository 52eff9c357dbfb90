"""Make what a release leaves for later ones: a run, its volumes and scores, and a dataset.

    python -m tests.release.make tests/release/0.1

Run once, when a release is made; never again for the same release.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.scenes import trunk

RECIPE = """
data = {use = "prepared", path = "set", size = 16, views = [0.0, 90.0]}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
optim.lr = 1e-2
train = {steps = 4, batch_size = 1, save_every = 2, log_every = 1, ema = 0.5, threads = 1}
"""
PREPARE = ("prepare", "scans", "--size", "16", "--views", "0,90", "--ids", "stem")
COMMANDS = (
    (*PREPARE, "--split", ".34,.33,.33", "--out", "set"),
    ("train", "recipe.toml", "--out", "run", "--device", "cpu"),
    ("predict", "run", "--device", "cpu"),
    ("evaluate", "run"),
    ("export", "run", "--out", "exported"),
)


def main() -> None:
    """Make everything in an empty folder and keep what is read later."""
    out = Path(sys.argv[1]).resolve()
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
        for number in range(3):
            trunk(folder / "scans" / f"p{number}.mha", number)
        for words in COMMANDS:
            subprocess.run([sys.executable, "-m", "repcat", *words], cwd=folder, check=True)
        for name in ("set", "run", "exported", "recipe.toml"):
            move = shutil.copy if name.endswith("toml") else shutil.copytree
            move(folder / name, out / name)
    for extra in ("set/previews", "run/curves.png", "run/pictures"):
        path = out / extra
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
