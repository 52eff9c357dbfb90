"""Where a result came from."""

import torch

from repcat.runs.provenance import provenance, versions


def test_provenance_holds_versions_plugins_data_and_device():
    found = provenance("blobs", "abc", "cpu")
    assert found["versions"]["torch"] == torch.__version__
    assert found["plugins"]["repcat"] == versions()["repcat"]
    assert (found["dataset"], found["dataset_hash"]) == ("blobs", "abc")
    assert "CPU" in found["device"] and "research use only" in found["note"]
