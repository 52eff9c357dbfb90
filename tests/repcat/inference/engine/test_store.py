"""A kept engine is used while it is what it was made of; else it is made anew, and that is said."""

import json
import os
from dataclasses import replace

import pytest
import torch

from repcat.inference.engine import store as stores
from repcat.inference.engine.engine import GRAPH
from repcat.inference.engine.kinds import KINDS
from repcat.inference.engine.store import RECORD, Store, drop_older
from repcat.inference.engine.use import find_engine
from repcat.io.checksums import damaged_files, write_checksums

OPENVINO, ONNXRUNTIME = KINDS["openvino"], KINDS["onnxruntime"]


def works(engine, model):
    read = model.reads[0]
    with torch.no_grad():
        return (engine.run(read) - model.backbone(read)).abs().max() <= 1e-4


def test_a_kept_engine_is_taken_without_an_export_or_a_check(model, no_export, monkeypatch):
    monkeypatch.setattr("repcat.inference.engine.make.check_parity", no_export)
    engine, told = find_engine("openvino", model, 1)
    assert told == () and works(engine, model)


def test_a_folder_is_named_after_weights_grid_engine_and_version_and_is_listed(model):
    place = Store(model).place(OPENVINO)
    assert place.name == f"{model.weights[:16]}-2x24x24x24-openvino-{OPENVINO.version}"
    assert sorted(p.name for p in place.iterdir()) == ["SHA256SUMS", RECORD, GRAPH]
    assert damaged_files(place) == []
    record = json.loads((place / RECORD).read_text())
    assert record["weights"] == model.weights and record["patients"] == 2
    assert 0 <= record["largest"] <= record["tolerance"] == 1e-4


def test_engines_share_one_graph(made):
    places = [Store(made).place(kind) / GRAPH for kind in (OPENVINO, ONNXRUNTIME)]
    assert places[0].samefile(places[1])


@pytest.mark.parametrize("file", [GRAPH, RECORD, "SHA256SUMS"])
def test_a_damaged_engine_is_noticed_said_and_made_anew(model, file, no_export):
    place = Store(model).place(OPENVINO)
    text = bytearray((place / file).read_bytes())
    text[len(text) // 2] ^= 0xFF
    (place / file).unlink()
    (place / file).write_bytes(text)
    engine, (told,) = find_engine("openvino", model, 1)  # by the other engine's graph
    assert told == f"{place} is damaged ({file}): it is made anew"
    assert works(engine, model) and Store(model).fault(OPENVINO) is None


def test_an_engine_without_a_list_of_checksums_is_not_trusted(model, no_export):
    (Store(model).place(OPENVINO) / "SHA256SUMS").unlink()
    _, (told,) = find_engine("openvino", model, 1)
    assert "is damaged (no SHA256SUMS)" in told


@pytest.mark.parametrize("name", ["torch", "processor"])
def test_an_engine_of_another_torch_or_processor_is_not_used(model, name):
    for kind in (OPENVINO, ONNXRUNTIME):
        file = Store(model).place(kind) / RECORD
        file.write_text(json.dumps({**json.loads(file.read_text()), name: "other"}))
        write_checksums(file.parent)
    assert bool(Store(model).graph_files()) == (name != "torch")
    why = Store(model).fault(OPENVINO)
    assert why.endswith(f"is of another {name} (other)")


def test_an_engine_of_older_weights_is_noticed_and_not_used(model):
    newer = Store(replace(model, weights="0" * 64))
    assert newer.fault(OPENVINO) == f"{model.home} keeps openvino of other weights"
    assert newer.fault(KINDS["openvino-bf16"]) == "" and newer.graph_files() == []


def test_an_engine_of_another_version_is_noticed(model):
    place = Store(model).place(OPENVINO)
    place.rename(place.with_name(place.name.replace(OPENVINO.version, "2020.1")))
    assert Store(model).fault(OPENVINO) == f"{model.home} keeps openvino of another version"


def test_engines_of_weights_that_are_gone_are_deleted_and_nothing_else(model):
    (model.home / "notes-of-mine").mkdir()
    kept = sorted(p.name for p in model.home.iterdir())
    drop_older(model.home, [model.weights])
    assert sorted(p.name for p in model.home.iterdir()) == kept
    drop_older(model.home, ["0" * 64])
    assert [p.name for p in model.home.iterdir()] == ["notes-of-mine"]


def test_a_run_that_may_only_be_read_has_its_engine_and_keeps_nothing(unmade, monkeypatch):
    monkeypatch.setattr(stores.os, "access", lambda *_: False)
    engine, _ = find_engine("onnxruntime", unmade, 1)
    assert works(engine, unmade) and not unmade.home.exists()


def test_files_are_copied_where_a_disk_has_no_links(model, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(95, os.strerror(95))

    monkeypatch.setattr(stores.Path, "hardlink_to", refuse)
    (file,) = Store(model).graph_files()
    stores.link_files([file], tmp_path)
    assert (tmp_path / GRAPH).read_bytes() == file.read_bytes()
