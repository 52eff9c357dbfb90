"""A copy that differs is refused, and nothing of it is left."""

import pytest
import torch

from repcat.errors import RunError
from repcat.export import formats
from repcat.export.parity import agreement
from repcat.export.source import open_subject


@pytest.fixture
def subject(run_of):
    return open_subject(run_of().path)


def test_the_difference_is_told_in_shares_of_the_window_and_in_hu(subject):
    eager = subject.reconstruction()
    found = agreement(subject, lambda x: eager(x) + 0.1, eager)
    assert found.largest_hu == pytest.approx(0.1, rel=1e-2)
    assert found.largest == pytest.approx(0.1 / 2000, rel=1e-2)
    assert found.patients == 2 and found.of == "phantoms, split test"


def test_more_than_the_tolerance_is_refused(subject):
    eager = subject.reconstruction()
    with pytest.raises(RunError, match=r"differs .* by 1\.5e-04 of the window .*nothing was writ"):
        agreement(subject, lambda x: eager(x) + 0.3, eager)


@pytest.mark.parametrize("wrong", [lambda v: v * torch.nan, lambda v: v[:, 1:]])
def test_no_numbers_and_other_shapes_are_refused(subject, wrong):
    eager = subject.reconstruction()
    with pytest.raises(RunError, match="code: export-differs"):
        agreement(subject, lambda x: wrong(eager(x)), eager)


def test_an_export_that_differs_leaves_no_folder(run_of, monkeypatch):
    run = run_of()
    monkeypatch.setattr(
        formats.traced, "read_program", lambda file: lambda xrays: torch.zeros(1, 32, 32, 32)
    )
    with pytest.raises(RunError, match="code: export-differs"):
        formats.export_run(run.path, "torch")
    assert not list((run.path / "export").iterdir())
