"""The hash of weights: of what predicts, and of nothing else."""

import torch

from repcat.io.checksums import SUMS, write_checksums
from repcat.runs.checkpoint import State, weights_hash, write_checkpoint


def tables(**values: float) -> dict[str, dict[str, torch.Tensor]]:
    return {name: {"w": torch.tensor([value])} for name, value in values.items()}


def hash_of(folder, values=None, **weights: float) -> str:
    write_checkpoint(folder, State(tables(**weights), values or {"step": 1}))
    return weights_hash(folder)


def test_it_follows_weights_and_average_alone(tmp_path) -> None:
    first = hash_of(tmp_path / "a", model=1.0, average=2.0, optimiser=3.0)
    assert first == hash_of(tmp_path / "b", {"step": 9}, model=1.0, average=2.0, optimiser=4.0)
    others = [{"model": 1.0}, {"model": 1.0, "average": 3.0}, {"model": 2.0, "average": 1.0}]
    found = {hash_of(tmp_path / str(n), **w) for n, w in enumerate(others)}
    assert len(found | {first}) == 4


def test_it_is_the_same_with_and_without_checksums(tmp_path) -> None:
    found = hash_of(tmp_path / "a", model=1.0)
    (tmp_path / "a" / SUMS).unlink(missing_ok=True)
    assert weights_hash(tmp_path / "a") == found
    write_checksums(tmp_path / "a")
    (tmp_path / "a" / "model.safetensors").write_bytes(b"is not read again")
    assert weights_hash(tmp_path / "a") == found
