"""torch.export's file: the same volumes, no pickle, and the part that cannot be traced named."""

import json
import zipfile

import pytest
import torch

from repcat.errors import PartError
from repcat.export import traced
from repcat.export.parity import agreement
from repcat.export.source import open_subject


@pytest.fixture
def subject(run_of):
    return open_subject(run_of().path)


def test_a_pt2_file_gives_the_volumes_of_the_run_and_holds_no_pickle(subject, tmp_path):
    file = tmp_path / "model.pt2"
    traced.write_program(subject, traced.trace(subject), file)
    found = agreement(subject, traced.read_program(file), subject.reconstruction())
    assert found.largest <= 1e-6
    assert traced.pickles(file) == []
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():  # a pickle of protocol 2 or more begins with 0x80 and it
            assert archive.read(name)[:1] != b"\x80" or "/weights/" in name, name
            assert not archive.read(name).startswith(b"PK"), name  # nor one of torch.save's zips


def test_it_says_geometry_views_and_window(subject, tmp_path):
    traced.write_program(subject, traced.trace(subject), tmp_path / "model.pt2")
    extra = {"repcat.json": ""}
    torch.export.load(tmp_path / "model.pt2", extra_files=extra)
    told = json.loads(extra["repcat.json"])
    assert json.loads(told["geometry"]) == json.loads(
        json.dumps(subject.patients.geometry.to_dict())
    )
    assert told["note"] == "synthetic, research use only"


def test_the_pickled_example_that_torch_writes_by_itself_is_found(subject, tmp_path):
    torch.export.save(traced.trace(subject).program, tmp_path / "model.pt2")
    assert traced.pickles(tmp_path / "model.pt2") == ["model/data/sample_inputs/model.pt"]


def test_a_torchscript_archive_holds_pickles(tmp_path):
    torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), tmp_path / "model.pt")
    assert any(name.endswith("data.pkl") for name in traced.pickles(tmp_path / "model.pt"))


class Untraceable(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x) if float(x.mean()) > -1e9 else x


@pytest.mark.parametrize(("kind", "name"), [("backbone", "unet"), ("mapper", "repeat_concat")])
def test_the_part_that_cannot_be_traced_is_named(subject, kind, name):
    if kind == "backbone":
        subject.network.backbone = Untraceable(subject.network.backbone)
    else:
        subject.network.mapper.fill = Untraceable(subject.network.mapper.fill)
    with pytest.raises(PartError, match=f"{kind} '{name}' cannot be exported"):
        traced.trace(subject)
