"""What a package passes on: names of its modules, read from `__init__.py` without running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class PassedOn:
    """Names that a package takes from its modules, as `name: (module, name there)`.

    `constants` are what it assigns as literals, `dunders` the `__names__` it has once it is run;
    `is_all` says that it does nothing else.
    """

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    dunders: frozenset[str] = frozenset()
    is_all: bool = True


def read_passed_on(source: str | None, spec: ModuleSpec) -> PassedOn:
    """Read what the `__init__.py` of a package says.

    Where a name is also that of a module in the folder, importing the module would hide it: such a
    package must be run.
    """
    tree, known = ast.parse(source or ""), PassedOn()
    for statement in tree.body:
        if not _take(statement, known):
            known.is_all = False
    stored = (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_stored(n))
    known.dunders = frozenset({"__all__", *stored})
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    beside = {path.name.partition(".")[0] for folder in folders for path in folder.iterdir()}
    known.is_all = known.is_all and not beside & known.names.keys()
    return known


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store) and name.id.startswith("__")


def _take(statement: ast.stmt, known: PassedOn) -> bool:
    """Note what a statement passes on; whether that is all it does."""
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.ImportFrom(module="__future__"):
            return True
        case ast.ImportFrom(module=str(module), names=names, level=1):
            if any(one.name == "*" for one in names):
                return False
            known.names |= {one.asname or one.name: (module, one.name) for one in names}
            return True
        case ast.ImportFrom(module=None, names=names, level=1):  # its own modules
            return not any(one.asname for one in names)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return _take_constant(name, value, known)
    return False


def _take_constant(name: str, value: ast.expr, known: PassedOn) -> bool:
    try:
        known.constants[name] = ast.literal_eval(value)
    except ValueError:
        return False
    return True
