"""Where a result came from."""

import torch

from repcat.runs.provenance import changes, code_hashes, elsewhere, history, provenance, versions


def test_provenance_holds_versions_plugins_data_and_device():
    found = provenance("blobs", "abc", "cpu")
    assert found["versions"]["torch"] == torch.__version__
    assert found["plugins"]["repcat"] == versions()["repcat"]
    assert (found["dataset"], found["dataset_hash"]) == ("blobs", "abc")
    assert "CPU" in found["device"] and "research use only" in found["note"]


def test_the_code_of_each_plugin_has_a_hash_beside_its_version():
    found = provenance("blobs", "abc", "cpu")
    assert found["plugins"].keys() | {"repcat core"} == found["code"].keys()
    assert all(len(digest) == 16 for digest in code_hashes().values())


def test_a_record_made_twice_on_one_machine_shows_no_change_and_old_ones_are_silent():
    found = provenance("blobs", "abc", "cpu")
    assert changes(found, provenance("other", "data", "cpu")) == []
    assert changes({"device": "CPU, 4 threads"}, found) == changes({}, found) == []


def test_code_changed_in_place_is_told_without_its_hash():
    found = provenance("blobs", "abc", "cpu")
    other = {**found, "code": {**found["code"], "repcat": "0"}, "threads": 99}
    assert changes(other, found) == ["code of repcat", f"threads 99 -> {found['threads']}"]


def test_damaged_records_of_resumes_are_left_out():
    assert history({"resumes": 3}) == [{"resumes": 3}] and elsewhere({"resumes": [1]}) == []
    assert history({"resumes": [1, {"step": 2}]})[1:] == [{"step": 2}]
