"""Lazy packages: `from package import name` loads the module that has the name, and no other.

`import monai` loads each module there is, and so does `monai.networks.nets.unet`, whose parents
come first: seconds for one network. nanodrr brings roma, and with it torch._dynamo, for one
function. Their packages do little but pass names on (`from .unet import UNet`). One that does
nothing else is not run: a name is fetched from its module when it is asked for. Any other is run
as always, but the root itself, which is run when it is asked for what it does not have: whoever
imports it later, a plugin or a user, finds all that they know.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from repcat_plugins.passed_on import PassedOn, read_passed_on

_NAMES = "__passed_on__"


class LazyPackage(ModuleType):
    """A package whose `__init__.py` is not run before something is missed."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the package passes on)
        """Fetch a name from the module that has it; run the package where none is known to."""
        known: PassedOn = self.__dict__[_NAMES]
        if name in known.names:
            module, name_there = known.names[name]
            value = getattr(import_module(f"{self.__name__}.{module}"), name_there)
            setattr(self, name, value)
            return value
        if name.startswith("__") and name not in known.dunders:
            raise _missing(self, name)
        if not name.startswith("__") and find_spec(whole := f"{self.__name__}.{name}"):
            return import_module(whole)
        run(self)
        if name not in vars(self):  # MONAI's modules put names into each other's packages
            run(sys.modules[self.__name__.partition(".")[0]])
        try:
            return vars(self)[name]
        except KeyError:
            raise _missing(self, name) from None

    def __dir__(self) -> list[str]:
        """List all names, which are all there then."""
        run(self)
        return sorted(vars(self))


def run(package: ModuleType) -> None:
    """Run the `__init__.py` of a lazy package; before that of a root, those of all below it."""
    name = package.__name__
    if not isinstance(package, LazyPackage) or name in _FINDER.running:
        return
    if "." not in name:
        _run_below(package)
    object.__setattr__(package, "__class__", ModuleType)
    try:
        assert package.__spec__ is not None and package.__spec__.loader is not None
        package.__spec__.loader.exec_module(package)
    except BaseException:
        package.__class__ = LazyPackage
        raise
    del vars(package)[_NAMES]


def _run_below(root: ModuleType) -> None:
    _FINDER.running.add(root.__name__)
    try:
        for name in sorted(name for name in sys.modules if name.startswith(f"{root.__name__}.")):
            run(sys.modules[name])
    finally:
        _FINDER.running.remove(root.__name__)


@contextmanager
def lazy_packages(*roots: str) -> Iterator[None]:
    """Make the packages of these distributions lazy that are first imported in here.

    What was imported before stays as it is. The first import of any other of their modules from
    elsewhere runs the root first, as always: the circles of MONAI's imports hold in that order.
    """
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    before, _FINDER.roots = _FINDER.roots, _FINDER.roots | set(roots)
    try:
        yield
    finally:
        _FINDER.roots = before


class _Finder(MetaPathFinder):
    """Finds as Python does, and gives packages that need not be run another loader."""

    def __init__(self) -> None:
        self.roots: frozenset[str] = frozenset()  # whose packages are made lazy just now
        self.running: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of one of the roots; None leaves it to the finders that follow."""
        root = fullname.partition(".")[0]
        if root not in self.roots:
            return _run_first(root, fullname)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.submodule_search_locations and type(spec.loader) is SourceFileLoader:
            known = read_passed_on(spec.loader.get_source(fullname), spec)
            if known.is_all or fullname == root:
                spec.loader = _Loader(spec.loader, known)
        return spec


_FINDER = _Finder()


def _run_first(root: str, fullname: str) -> ModuleSpec | None:
    """Run a lazy root before one of its modules is loaded, which may then be there."""
    package = sys.modules.get(root)
    if isinstance(package, LazyPackage) and root not in _FINDER.running:
        run(package)
        if module := sys.modules.get(fullname):
            # Python takes the module's own spec then, and would load it once more by that
            module.__spec__ = ModuleSpec(fullname, _There(module))
            return module.__spec__
    return None


class _There(Loader):
    """Gives a module that is there already."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return it."""
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        """Leave it as it was."""
        module.__spec__ = self.spec


class _Loader(Loader):
    """Makes a lazy package; its `spec` then names the loader that runs it."""

    def __init__(self, real: SourceFileLoader, known: PassedOn) -> None:
        self.real, self.known = real, known

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Tell it what it passes on, set its constants, and leave the rest for later."""
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self.real
        vars(module).update({**self.known.constants, _NAMES: self.known})
        module.__class__ = LazyPackage


def _missing(package: ModuleType, name: str) -> AttributeError:
    msg = f"module {package.__name__!r} has no attribute {name!r}"
    return AttributeError(msg, name=name, obj=package)
