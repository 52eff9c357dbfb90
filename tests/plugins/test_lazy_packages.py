"""Lazy packages: names come from their modules alone, and nothing that a package had is missed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from repcat_plugins.lazy_packages import LazyPackage, lazy_packages, run

FILES = {
    "__init__.py": """
        '''The root, which does more than pass on.'''
        from .small import Small, Small as Little
        from .large import Large
        __version__ = "1.2"
        _runs = globals().get("_runs", 0) + 1
        computed = len(__version__)
        """,
    "small.py": "class Small: pass",
    "large.py": "class Large: pass",
    "apart.py": "value = 3",
    "inner/__init__.py": """
        '''Passes on, and nothing else.'''
        from __future__ import annotations
        from .one import ONE
        from .two import TWO as DUE
        """,
    "inner/one.py": "from pack import Small; ONE = 1",
    "inner/two.py": "TWO = 2",
    "busy/__init__.py": "from .one import ONE; count = len('four')",
    "busy/one.py": "ONE = 1",
    "hiding/__init__.py": "from .twin import twin; from .other import other_name",
    "hiding/twin.py": "def twin(): pass",
    "hiding/other.py": "other_name = 5",
    "failing/__init__.py": "from .one import ONE\nfrom .gone import two",
    "failing/one.py": "ONE = 1",
}


@pytest.fixture(autouse=True)
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution `pack` that can be imported, and is forgotten afterwards."""
    for name, text in FILES.items():
        file = tmp_path / "pack" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(line.strip() for line in text.splitlines()))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in loaded():
        del sys.modules[name]


def loaded() -> set[str]:
    return {name for name in sys.modules if name.partition(".")[0] == "pack"}


def lazily(name: str) -> ModuleType:
    with lazy_packages("pack"):
        return import_module(name)


def test_a_name_is_fetched_from_its_module_and_no_other_is_loaded() -> None:
    with lazy_packages("pack"):
        inner = import_module("pack.inner")
        assert inner.ONE == 1
        assert loaded() == {"pack", "pack.small", "pack.inner", "pack.inner.one"}
    assert inner.DUE == 2 and "DUE" in vars(inner)


def test_the_root_is_run_once_when_it_is_asked_for_what_it_computes() -> None:
    with lazy_packages("pack"):
        root = import_module("pack")
        assert root.__version__ == "1.2" and loaded() == {"pack"}
        small = root.Little
    assert root.computed == 3 and root._runs == 1 and type(root) is ModuleType
    assert root.Small is small and "pack.large" in loaded()


def test_with_the_root_all_its_lazy_packages_are_run() -> None:
    inner, root = lazily("pack.inner"), sys.modules["pack"]
    run(root)
    assert type(inner) is ModuleType
    assert {"ONE", "DUE"} < vars(inner).keys() and "__passed_on__" not in vars(inner)


def test_a_name_that_a_package_does_not_pass_on_may_come_with_the_root() -> None:
    inner = lazily("pack.inner")
    file = Path(sys.modules["pack"].__file__ or "")
    file.write_text(file.read_text() + "\nimport pack.inner\npack.inner.late = 9")
    assert inner.late == 9


def test_a_module_of_a_package_is_an_attribute_of_it() -> None:
    with lazy_packages("pack"):
        root = import_module("pack")
        assert root.apart.value == 3
        assert loaded() == {"pack", "pack.apart"}
    assert root.inner.ONE == 1 and type(root) is ModuleType


@pytest.mark.parametrize("name", ["nothing", "__nothing__"])
def test_a_name_that_is_nowhere_is_missing_as_in_any_module(name: str) -> None:
    inner = lazily("pack.inner")
    with pytest.raises(AttributeError, match=f"module 'pack.inner' has no attribute '{name}'"):
        getattr(inner, name)


def test_dir_and_star_give_all_names() -> None:
    assert {"ONE", "DUE"} < set(dir(lazily("pack.inner")))
    space: dict[str, object] = {}
    lazily("pack")
    exec("from pack import *", space)
    assert {"Small", "Little", "Large", "computed"} < space.keys()


def test_what_does_more_than_pass_on_is_run_as_always() -> None:
    assert vars(lazily("pack.busy"))["count"] == 4
    # `twin` is a module and a function of it: importing the module would hide the function
    hiding = lazily("pack.hiding")
    assert type(hiding) is ModuleType and callable(hiding.twin)


def test_a_package_that_cannot_be_run_says_why_each_time() -> None:
    with lazy_packages("pack"):
        failing = import_module("pack.failing")
        assert failing.ONE == 1
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match=r"pack\.failing\.gone"):
            dir(failing)


def test_what_was_imported_before_stays_and_what_comes_after_is_not_lazy() -> None:
    before = import_module("pack.inner")
    assert lazily("pack.inner") is before and type(before) is ModuleType
    lazily("pack.busy")
    assert not any(isinstance(sys.modules[name], LazyPackage) for name in loaded())


def test_nothing_is_lazy_after_an_error() -> None:
    with pytest.raises(ModuleNotFoundError):
        lazily("pack.nowhere")
    assert type(import_module("pack.inner")) is type(sys.modules["pack"]) is ModuleType


def test_a_module_that_is_imported_from_elsewhere_has_the_root_run_before() -> None:
    root = lazily("pack")
    apart = import_module("pack.apart")
    assert vars(root)["computed"] == 3 and root._runs == 1 and apart.value == 3


def test_a_module_that_the_root_loads_is_loaded_once() -> None:
    root = lazily("pack")
    large = import_module("pack.large")
    assert large.Large is root.Large
    assert large is sys.modules["pack.large"]
    assert large is vars(root)["large"]
    assert large.__spec__ is not None and large.__spec__.origin == large.__file__


def test_other_distributions_are_left_alone() -> None:
    with lazy_packages("elsewhere"):
        assert type(import_module("pack.inner")) is ModuleType
