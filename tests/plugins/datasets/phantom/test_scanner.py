"""Phantoms of generator 2: what a scan has beside the chest, and generator 1 as it ever was."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pytest

from repcat_plugins.datasets.phantom.phantoms import LABELS, Phantoms, thorax
from repcat_plugins.datasets.phantom.population import draw, stream
from repcat_plugins.datasets.phantom.scanner import scanned

SIZE, CUBE = 40, 400.0
VOXEL = CUBE / SIZE
LUNG = [LABELS["lung"], LABELS["vessel"], LABELS["nodule"], LABELS["effusion"]]


@cache
def scan(index: int, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    return thorax(0, index, size, CUBE, 2)


def drawn(index: int):
    return scanned(draw(0, index), stream(0, index, "scan"))[1]


def test_generator_1_keeps_its_bits() -> None:
    hu, labels = thorax(3, 7, 32, 400.0)
    digest = hashlib.sha256(hu.tobytes() + labels.tobytes()).hexdigest()
    assert digest[:16] == "094ab6b7a3c5b55a"


SHORT = [n for n in range(12) if drawn(n).head < 170][:3]


@pytest.mark.parametrize("index", SHORT)
def test_beyond_its_ends_and_its_circle_a_scan_is_air(index: int) -> None:
    hu, found = scan(index)[0], drawn(index)
    axis = (np.arange(SIZE) - (SIZE - 1) / 2) * VOXEL
    beyond = (axis > found.head + VOXEL) | (axis < found.foot - VOXEL)
    assert beyond.any() and (hu[beyond] == -1000).all()
    away = np.hypot(axis[None] - found.middle[0], axis[:, None] - found.middle[1])
    assert (hu[:, away > found.field + VOXEL] == -1000).all()
    inside = (axis < found.head - VOXEL) & (axis > found.foot + VOXEL)
    assert (hu[inside].max(axis=(1, 2)) > 0).all()  # a body in every plane between


@pytest.mark.parametrize("index", range(6))
def test_both_lungs_are_whole_and_the_scans_middle_is_the_cubes(index: int) -> None:
    labels, found = scan(index)[1], drawn(index)
    planes = np.flatnonzero(np.isin(labels, LUNG).any(axis=(1, 2)))
    body = np.flatnonzero((labels > 0).any(axis=(1, 2)))
    assert body[0] <= planes[0] and planes[-1] < body[-1]
    assert found.head + found.foot == pytest.approx(0, abs=1e-9)


def test_a_table_lies_under_the_back_outside_the_body() -> None:
    index = next(i for i in range(20) if drawn(i).table is not None and drawn(i).shell_hu > 0)
    hu, labels = scan(index, 64)
    middle, centre = 32, 32
    behind = np.flatnonzero(labels[middle, :, centre] > 0).max() + 1
    column = hu[middle, behind:, centre]
    assert labels[middle, behind:, centre].max() == LABELS["air"]
    assert column.max() > -850 > column.min()


def test_a_scan_is_one_scan_at_any_size_of_voxel() -> None:
    fine = scan(1, 2 * SIZE)[0].reshape(SIZE, 2, SIZE, 2, SIZE, 2).mean((1, 3, 5))
    assert np.corrcoef(fine.ravel(), scan(1)[0].ravel())[0, 1] > 0.995


def test_populations_of_two_generators_have_two_names() -> None:
    import repcat

    asked = repcat.Request(16, (repcat.View(0.0),), lambda *_: None)
    one, two = (Phantoms(asked, generator=g) for g in (1, 2))
    assert one.fingerprint != two.fingerprint
    assert one.content("phantom-00000") != two.content("phantom-00000")
    assert Phantoms(asked).fingerprint == one.fingerprint


def test_disease_table_and_arms_are_as_frequent_as_stated() -> None:
    found = [drawn(index) for index in range(1000)]
    shares = {
        "table": (np.mean([s.table is not None for s in found]), 0.85),
        "arms up": (np.mean([s.arms == "up" for s in found]), 0.85),
        "sound lungs": (np.mean([not s.opacities for s in found]), 0.5),
        "small circle": (np.mean([s.field < 190 for s in found]), 0.4),
    }
    for name, (share, stated) in shares.items():
        assert share == pytest.approx(stated, abs=0.05), name  # three deviations of 1,000 draws
