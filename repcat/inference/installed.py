"""Installed models: exported folders that distributions bring, and those that the user added.

A distribution names a package under the entry point `repcat.models`; each folder in it that holds
an exported model is a model of the folder's name. Nothing of the package is run. The user's own lie
in a folder of theirs, one a name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from repcat.errors import DataError, RunError
from repcat.inference.engine.store import FOLDER as ENGINES
from repcat.inference.exported import is_exported
from repcat.io.atomic import remove_folder
from repcat.io.checksums import SUMS

GROUP, SWITCH = "repcat.models", "REPCAT_MODELS"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
OWN = "added here"


@dataclass(frozen=True, slots=True)
class Installed:
    """A model by name: its folder, and what brought it, a distribution with its version.

    `why_not` says why it cannot be used; empty: nothing speaks against it so far.
    """

    name: str
    folder: Path
    source: str = OWN
    why_not: str = ""

    def __str__(self) -> str:
        return self.name if self.source == OWN else f"{self.name} of {self.source}"


@dataclass(frozen=True, slots=True)
class EmptySource:
    """A distribution that promises models and brings none, and why."""

    source: str
    reason: str


def models_folder() -> Path:
    """Return where the user's own models lie: $REPCAT_MODELS, else in the user's data."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(os.environ.get(SWITCH) or data / "repcat" / "models")


def installed_models() -> tuple[list[Installed], list[EmptySource]]:
    """Return the models that are installed, by name, and the distributions without any.

    Two of one name are both there, and neither can be used: which was meant cannot be known.
    """
    found, empty = list(_own()), []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        source = _source(entry)
        try:
            brought = list(_models_in(_package(entry), source))
        except Exception as error:  # noqa: BLE001  (whatever a stranger's package raises)
            empty.append(EmptySource(source, f"it cannot be read: {type(error).__name__}: {error}"))
            continue
        found += brought
        if not brought:
            empty.append(EmptySource(source, f"no folder in {entry.value} holds a model"))
    return sorted(_told_apart(found), key=lambda model: (model.name, model.source)), empty


def _told_apart(found: list[Installed]) -> Iterator[Installed]:
    for model in found:
        others = [m for m in found if m.name == model.name and m is not model]
        if not others:
            yield model
            continue
        where = ", ".join(f"{m.source} in {m.folder}" for m in others)
        why = f"another model has this name ({where}); uninstall one: {_removal([model, *others])}"
        yield Installed(model.name, model.folder, model.source, why)


def _removal(models: list[Installed]) -> str:
    """Say how each can be taken away."""
    ways = (
        f"repcat models remove {m.name}"
        if m.source == OWN
        else f"pip uninstall {m.source.split()[0]}"
        for m in models
    )
    return " or ".join(dict.fromkeys(ways))


def _own() -> Iterator[Installed]:
    home = models_folder()
    if home.is_dir():
        yield from _models_in(home, OWN)


def _models_in(home: Path, source: str) -> Iterator[Installed]:
    for folder in sorted(home.iterdir()):
        if NAME.fullmatch(folder.name) and is_exported(folder):
            lack = not (folder / SUMS).is_file()
            why = f"{folder} has no {SUMS}, so that it cannot be checked; install it again"
            yield Installed(folder.name, folder, source, why if lack else "")


def _package(entry: EntryPoint) -> Path:
    """Return the folder of the package that an entry point names, without running it."""
    name = entry.value.partition(":")[0].strip()
    spec = find_spec(name) if "." not in name else None
    places = (spec and spec.submodule_search_locations) or ()
    if not places:
        msg = f"{entry.value!r} is no package at the top; name one that holds folders of models"
        raise DataError(msg, code="no-package-of-models")
    return Path(next(iter(places)))


def _source(entry: EntryPoint) -> str:
    """Return the distribution of an entry point with its version."""
    try:
        return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.name
    except Exception:  # noqa: BLE001  (whatever damaged metadata raises)
        return entry.name


def find_model(path: Path) -> Path:
    """Return the folder of the installed model of this name, or the path where it is none.

    A path that exists goes before a name.

    Raises:
        RunError: where the model of this name cannot be used.
    """
    if path.exists() or not NAME.fullmatch(str(path)):
        return path
    known = [model for model in installed_models()[0] if model.name == str(path)]
    if not known:
        return path
    if known[0].why_not:
        msg = f"the model {path} cannot be used: {known[0].why_not}"
        raise RunError(msg, code="model-unusable")
    return known[0].folder


def engine_home(folder: Path) -> Path:
    """Return where the engines of a run or a model are kept: beside it, but in no package."""
    brought = (m for m in installed_models()[0] if m.source != OWN and m.folder == folder)
    if (model := next(brought, None)) is None:
        return folder / ENGINES
    home = models_folder() / f".{ENGINES}" / model.name
    with suppress(OSError):
        home.parent.mkdir(parents=True, exist_ok=True)
    return home


def check_name(name: str) -> None:
    """Raise DataError where a name is none that a model can have."""
    if not NAME.fullmatch(name):
        msg = (
            f"{name!r} cannot name a model: letters, digits, dots, dashes and underscores, 64 at "
            "most, a letter or digit first; choose one with --name"
        )
        raise DataError(msg, code="not-a-name")


def check_name_free(name: str) -> Path:
    """Return where a new model of this name is to lie.

    Raises:
        DataError: where the name cannot be one, or a model has it already.
    """
    check_name(name)
    if taken := [model for model in installed_models()[0] if model.name == name]:
        msg = (
            f"a model {name} is installed already ({taken[0].source}, {taken[0].folder}); choose "
            f"another --name, or first: {_removal(taken)}"
        )
        raise DataError(msg, code="name-taken")
    return models_folder() / name


def remove_model(name: str) -> Path:
    """Delete a model that the user added; return where it was.

    Raises:
        RunError: where there is none of this name, or pip brought it.
    """
    known = [model for model in installed_models()[0] if model.name == name]
    if own := [model for model in known if model.source == OWN]:
        remove_folder(own[0].folder)
        return own[0].folder
    if known:
        msg = f"the model {name} came with {known[0].source}: {_removal(known)} takes it away"
    else:
        msg = f"no model {name} is installed; `repcat models` lists those that are"
    raise RunError(msg, code="no-such-model")
