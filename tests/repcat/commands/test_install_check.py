"""Is this installation fit: what is missing or of a wrong version, with its cure."""

from importlib.metadata import metadata

from repcat.commands import install_check


def test_a_whole_installation_has_no_trouble():
    found = install_check.report()
    assert found["troubles"] == []
    assert {"repcat", "torch", "monai"} <= set(found["versions"])
    assert found["plugins"]["repcat"] == found["versions"]["repcat"]


def test_what_is_missing_or_too_old_is_told_with_its_cure(monkeypatch):
    asked = ["torch>=999", "ectoplasm>=1", "numpy>=1", "ghost; extra == 'h5'"]
    monkeypatch.setattr(install_check, "requires", lambda _: asked)
    have = install_check.report()["versions"]["torch"]
    assert install_check.report()["troubles"] == [
        f"torch {have} is not >=999; pip install 'torch>=999'",
        "ectoplasm is missing; pip install 'ectoplasm>=1'",
    ]


def test_a_library_that_cannot_be_imported_is_told(monkeypatch):
    monkeypatch.setattr(install_check, "EXTERNAL", "ectoplasm.nets")
    (trouble,) = install_check.report()["troubles"]
    assert trouble.startswith("import ectoplasm.nets fails (ModuleNotFoundError: ")
    assert trouble.endswith("; pip install --force-reinstall ectoplasm")


def test_an_extra_that_is_missing_is_no_trouble_but_a_command(monkeypatch):
    monkeypatch.setattr(install_check, "EXTRAS", {"h5": "ectoplasm"})
    found = install_check.report()
    assert found["extras"] == {"h5": "pip install 'repcat[h5]'"} and not found["troubles"]


def test_every_extra_that_it_asks_for_is_one_that_can_be_installed():
    assert set(install_check.EXTRAS) <= set(metadata("repcat").get_all("Provides-Extra"))
