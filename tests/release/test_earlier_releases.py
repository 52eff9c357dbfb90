"""What an earlier release wrote is read, gone on with and scored by this one."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
RELEASES = sorted(p.name for p in HERE.iterdir() if (p / "run").is_dir())


@pytest.fixture(params=RELEASES)
def kept(request, tmp_path, monkeypatch):
    """A copy of what a release left, in the folder that commands run in."""
    shutil.copytree(HERE / request.param, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def volumes(folder: Path) -> dict[str, np.ndarray]:
    return {p.name: np.load(p, allow_pickle=False) for p in sorted(folder.rglob("*.npy"))}


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text().splitlines()))


def test_there_is_a_release_to_hold() -> None:
    assert "0.1" in RELEASES


def test_its_run_predicts_the_same_volumes_and_scores_them(kept, repcat) -> None:
    before = volumes(kept / "run" / "predictions")
    scores = rows(kept / "run/metrics/set.standard.csv")
    assert repcat("evaluate", "run")[0] == 0
    again = rows(kept / "run/metrics/set.standard.csv")  # a later release may know more figures
    assert [
        {key: row[key] for key in old} for row, old in zip(again, scores, strict=True)
    ] == scores
    code, _, err = repcat("predict", "run", "--device", "cpu")
    assert code == 0, err
    after = volumes(kept / "run" / "predictions")
    assert before.keys() == after.keys() == {"p0.npy", "p1.npy", "p2.npy"} & before.keys()
    for name, volume in before.items():  # other machines and versions of torch round otherwise
        np.testing.assert_allclose(after[name], volume, atol=0.5)


def test_its_run_goes_on(kept, repcat) -> None:
    words = ("train", "recipe.toml", "--out", "run", "--resume", "--device", "cpu")
    code, out, err = repcat(*words, "--set", "train.steps = 6")
    assert code == 0 and "trained to step 6" in out, err


def test_its_dataset_and_its_export_are_read(kept, repcat) -> None:
    code, _, err = repcat("train", "recipe.toml", "--out", "new", "--device", "cpu")
    assert code == 0, err
    import repcat as package

    assert package.load(kept / "exported", device="cpu") is not None


def test_a_bit_of_it_that_was_flipped_is_named(kept, repcat) -> None:
    file = next((kept / "run" / "checkpoints" / "000004").glob("model.safetensors"))
    data = bytearray(file.read_bytes())
    data[-3] ^= 0x40
    file.write_bytes(data)
    code, _, err = repcat("predict", "run", "--device", "cpu", "--step", 4)
    assert code == 2 and "model.safetensors" in err
