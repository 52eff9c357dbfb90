"""The guard of orientation on held-out patients. Chance is 1 in 8."""

from __future__ import annotations

import pytest
import torch

import repcat
from repcat.data.intensity import to_unit
from repcat.radiographs import orientation_model
from repcat.radiographs.orientation import turn, undo
from repcat.registry.plugins import load_parts
from repcat.rng import generator

VIEWS = (repcat.View(0), repcat.View(90))
FULL = 0.95  # what is asked of the guard


def phantoms(size, train, test):
    """Return X-rays (patients, 2, size, size) in [0, 1] of training and of held-out phantoms."""
    parts = load_parts()
    request = repcat.Request(size, VIEWS, parts.projectors.get("nanodrr").factory())
    data = parts.datasets.get("phantoms").factory(request, train=train, test=test)
    return [
        torch.stack([to_unit(data.load(i).integrals) for i in data.ids(split)])
        for split in ("train", "test")
    ]


def named(template, images):
    """Return the share of the eight ways of lying that are named right."""
    hits = [
        int(orientation_model.read(turn(image, k), template).argmax()) == undo(k)
        for image in images
        for k in range(8)
    ]
    return sum(hits) / len(hits)


@pytest.fixture(scope="module")
def full():
    """Templates of both views from 128 phantoms at 64 pixels, and 20 held-out phantoms."""
    train, test = phantoms(64, 128, 20)
    return [orientation_model.fit(train[:, v], generator(0, "compass", v)) for v in (0, 1)], test


def test_turns_of_held_out_phantoms_are_named_at_toy_size():
    train, test = phantoms(24, 24, 6)
    lateral = orientation_model.fit(train[:, 1], generator(0, "compass", 1))
    assert named(lateral, test[:, 1]) > FULL


def test_the_template_is_a_function_of_its_seed():
    images = torch.rand(4, 24, 24, generator=generator(1))
    a, b = (orientation_model.fit(images, generator(0, "compass")) for _ in range(2))
    assert torch.equal(a, b)


@pytest.mark.long
def test_turns_of_held_out_phantoms_are_named(full):  # one test: two workers would both fit it
    templates, test = full
    for view, template in enumerate(templates):
        assert named(template, test[:, view]) >= FULL


@pytest.mark.long
@pytest.mark.real
def test_turns_of_real_chests_are_named(full, real, tmp_path):
    """Projections of the seven whole scans; two fragments of a chest are left out."""
    images = chests(real, tmp_path)
    assert len(images) >= 7
    for view in (0, 1):
        assert named(full[0][view], images[:, view]) >= FULL


def chests(real, folder):
    """Prepare the scans beside the project and return X-rays (scans, 2, 64, 64) in [0, 1]."""
    import sys
    from unittest.mock import patch

    from repcat.cli import main

    words = ["prepare", real / "volumes", real / "dicom", "--out", folder / "d"]
    words += ["--size", 64, "--views", "0,90", "--ids", "stem"]
    with patch.object(sys, "argv", ["repcat", *map(str, words)]):
        try:
            main()
        except SystemExit as stop:
            assert not stop.code
    data = repcat.read_dataset(str(folder / "d"))
    whole = [r.id for r in data.rows if "upper" not in r.id and "crop" not in r.id]
    return torch.stack([to_unit(repcat.read_patient(data.file(i)).integrals) for i in whole])
