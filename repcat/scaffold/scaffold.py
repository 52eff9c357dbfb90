"""Scaffold of a plugin: a new distribution with one working part (`repcat new`)."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from repcat.errors import PartError
from repcat.io.atomic import atomic_folder
from repcat.registry.options import nearest
from repcat.registry.parts import Parts
from repcat.registry.registry import KINDS

LONGEST = 30
CLASSES = ("mapper", "objective", "dataset")
# How a recipe, a command or a study asks for a part of a kind.
USES = {
    "backbone": 'In a recipe: `backbone.use = "my_part"`.',
    "mapper": 'In a recipe: `mapper.use = "my_part"`.',
    "objective": 'In a recipe: `objective.use = "my_part"`.',
    "dataset": 'In a recipe: `data.use = "my_part"`.',
    "projector": 'In a recipe: `data.projector = "my_part"`.',
    "metric": 'In a study: `metrics = ["body_psnr", "my_part"]`.',
    "protocol": 'In a study: `protocol = "my_part"`; `repcat evaluate RUN --protocol my_part`.',
}


def write(kind: str, name: str, out: Path | None, parts: Parts) -> Path:
    """Write a distribution into `out`, or ./repcat-<name>; whole or not at all.

    Raises:
        PartError: when the kind is unknown, or the name or the folder cannot be taken.
    """
    singular = kind.removesuffix("s")
    if f"{singular}s" not in KINDS:
        known = [k.removesuffix("s") for k in KINDS]
        msg = f"there is no kind of part called {kind!r}{nearest(singular, known)}"
        raise PartError(msg, code="no-such-kind")
    _check_name(singular, name, parts)
    folder = out or Path(f"repcat-{name.replace('_', '-')}")
    if folder.exists():
        msg = f"{folder} exists; choose another with --out"
        raise PartError(msg, code="folder-taken")
    with atomic_folder(folder) as place:
        for path, text in texts(singular, name).items():
            (place / path).parent.mkdir(exist_ok=True)
            (place / path).write_text(text, encoding="utf-8")
    return folder


def texts(kind: str, name: str) -> Mapping[str, str]:
    """Return the files of a distribution by path."""
    camel = "".join(word[:1].upper() + word[1:] for word in name.split("_"))
    plain = {
        "USE": USES[kind],
        "KIND": kind,
        "FACTORY": camel if kind in CLASSES else name,
        "MyPart": camel,
        "my-part": name.replace("_", "-"),
        "my_part": name,
    }
    sources = {
        "pyproject.toml": "pyproject.toml.txt",
        "README.md": "README.md.txt",
        f"repcat_{name}.py": f"{kind}.py",
        f"tests/test_{name}.py": "test.py.txt",
    }
    return {path: _filled(_template(file), plain) for path, file in sources.items()}


def _template(file: str) -> str:
    return (files("repcat.scaffold.templates") / file).read_text(encoding="utf-8")


def _filled(text: str, plain: Mapping[str, str]) -> str:
    for word, value in plain.items():
        text = text.replace(word, value)
    return text


def _check_name(kind: str, name: str, parts: Parts) -> None:
    """Refuse what cannot be a module, a function and a part at once."""
    registry = parts.registry(kind)
    problem = ""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        problem = "is no name in Python: use small letters, digits and _, a letter first"
    elif len(name) > LONGEST:
        problem = f"is longer than {LONGEST} letters"
    elif name in registry.parts:
        problem = f"is taken: a {kind} of {registry.parts[name].origin} has it"
    elif name in _words(kind) or hasattr(builtins, name):
        problem = "would hide something of that name in the code; choose another"
    elif find_spec(f"repcat_{name}"):
        problem = f"is taken: a module repcat_{name} is installed"
    if problem:
        msg = f"{name!r} {problem}"
        raise PartError(msg, code="not-a-name")


def _words(kind: str) -> set[str]:
    """Return the names that a template uses itself."""
    found = {"parts", "repcat"}
    for node in ast.walk(ast.parse(_template(f"{kind}.py"))):
        match node:
            case ast.Name(id=word) | ast.arg(arg=word) | ast.alias(asname=str(word)):
                found.add(word)
            case ast.alias(name=word):
                found.add(word)
    return found - {"my_part", "MyPart"}
