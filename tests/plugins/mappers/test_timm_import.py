from __future__ import annotations

import sys

import pytest

from repcat_plugins.mappers import timm_import
from repcat_plugins.mappers.timm_import import import_timm


def test_timm_can_be_imported_here_and_again() -> None:
    assert import_timm().is_model("resnet18")
    assert import_timm() is sys.modules["timm"]


def test_another_fault_of_torchvision_is_not_hidden(monkeypatch) -> None:
    def fall(name):
        raise RuntimeError("libc is too old")

    monkeypatch.setattr(timm_import, "import_module", fall)
    with pytest.raises(RuntimeError, match="libc is too old"):
        import_timm()


def test_a_fault_of_the_missing_operator_is_cured_once(monkeypatch) -> None:
    asked, cured = [], []

    def fall_once(name):
        asked.append(name)
        if name == "torchvision":
            raise RuntimeError("operator torchvision::nms does not exist")
        return sys.modules["timm"]

    import_timm()
    monkeypatch.setattr(timm_import, "import_module", fall_once)
    monkeypatch.setattr(timm_import, "_cure", lambda: cured.append(True))
    assert import_timm() is sys.modules["timm"]
    assert asked == ["torchvision", "timm"] and cured == [True]
