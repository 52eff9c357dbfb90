from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from repcat import Mark, Patient, Patients, preset
from repcat.data.leaks import check_apart, check_leaks, twins
from repcat.data.store.thumbnail import thumbnail
from repcat.errors import DataError
from repcat.registry.parts import Parts
from repcat.training.begin import start


def noise(seed: int, also: float = 0.0) -> Mark:
    """Mark a scan: one seed, one patient; `also` is HU of other noise in it."""
    one, other = (torch.Generator().manual_seed(s) for s in (seed, 99))
    volume = torch.randn(16, 16, 16, generator=one) * 300 - 400
    volume += also * torch.randn(16, 16, 16, generator=other)
    return Mark(f"{seed} {also}", thumbnail(volume))


class Marked(Patients):
    """A dataset of marks alone."""

    name, fingerprint, geometry = "marked", "1", preset("parallel", size=16, cube_mm=320)

    def __init__(self, request: object = None, *, leak: bool = True) -> None:
        twin = noise(1) if leak else noise(3)
        self.by_id = {"train_a": noise(1), "validation_b": noise(2), "test_c": twin}

    def ids(self, split: str) -> tuple[str, ...]:
        return tuple(self.marks(split))

    def marks(self, split: str) -> Mapping[str, Mark]:
        return {k: v for k, v in self.by_id.items() if k.startswith(split)}

    def load(self, patient: str) -> Patient:
        raise AssertionError(patient)


def marked(**marks: Mark) -> Marked:
    found = Marked()
    found.by_id = marks
    return found


def test_the_same_scan_in_train_and_test_is_refused() -> None:
    with pytest.raises(DataError, match="train_a in train and test_c in test are the same scan"):
        check_leaks(Marked())


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_scan_with_a_little_noise_in_another_split_is_refused(split: str) -> None:
    marks = {"train_a": noise(1), f"{split}_b": noise(1, also=20.0)}
    with pytest.raises(DataError, match=r"look like one scan \(likeness \.?0?\.99"):
        check_leaks(marked(**marks))


def test_a_test_split_used_for_validation_is_refused() -> None:
    marks = {f"{split}_{k}": noise(k) for split in ("validation", "test") for k in range(3)}
    with pytest.raises(DataError, match="and 2 more pairs"):
        check_leaks(marked(**marks))


def test_one_scan_twice_in_one_split_and_other_patients_are_no_leak() -> None:
    check_leaks(marked(train_a=noise(1), train_b=noise(1), test_c=noise(2), test_d=noise(3)))
    check_leaks(marked(train_a=Mark("1"), test_b=Mark("2")))  # of an older repcat: no thumbnails


def test_copies_are_one_twin_each_and_are_not_called_alike_too() -> None:
    found = list(twins({"a": noise(1), "b": noise(1), "c": noise(1), "d": noise(1, also=20.0)}))
    assert [(t.one, t.other, t.same) for t in found] == [
        ("a", "b", True), ("a", "c", True), ("a", "d", False),
    ]  # fmt: skip


def test_what_one_dataset_trains_on_is_no_test_of_another() -> None:
    ours = marked(train_a=noise(1), test_b=noise(2))
    check_apart(ours, marked(test_b=noise(2), train_x=noise(1)))
    with pytest.raises(DataError, match="marked/train_a in training and marked/test_x in test"):
        check_apart(ours, marked(test_x=noise(1)))


def test_a_training_on_a_dataset_that_leaks_does_not_begin(tmp_path: Path, parts: Parts) -> None:
    parts.datasets.add("marked", Marked)
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'data = {use = "marked", size = 16}\nmapper.use = "repeat_concat"\nobjective.use = "l2"\n'
        'backbone = {use = "unet", channels = [4, 8], res_units = 1}\n'
    )
    with pytest.raises(DataError, match="code: one-scan-in-two-splits"):
        start(recipe, tmp_path / "run", [], "cpu", parts)
    assert not (tmp_path / "run").exists()
    session, _ = start(recipe, tmp_path / "run", ["data.leak = false"], "cpu", parts)
    assert session.stream.ids == ("train_a",)
