"""Documentation rules: what any part must say of itself, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from repcat.registry.options import options_of
from repcat.registry.signature import call_of, check_signature
from repcat.testing.result import Rule, applies, check


@dataclass(frozen=True)
class Subject:
    """A factory, its kind (plural), the name it is told by, and every option it is built with."""

    kind: str
    name: str
    factory: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)


def is_called_as_its_kind_is(subject: Subject) -> None:
    """Positional parameters, annotations and defaults are as registration asks for."""
    check_signature(subject.kind, subject.name, subject.factory)


def says_what_it_is(subject: Subject) -> None:
    """The docstring's first line is what `repcat parts` shows."""
    line = (subject.factory.__doc__ or "").strip().partition("\n")[0]
    check(bool(line), f"{call_of(subject.kind, subject.name)} has no docstring: write one sentence")


def documents_its_options(subject: Subject) -> None:
    """Each option has a type and a Doc."""
    found = options_of(subject.factory)
    applies(bool(found), "it has no options")
    for option in found:
        what = f"option {option.name!r}"
        check(option.type != "Any", f"{what} has no type: annotate it, or nothing is checked")
        check(bool(option.doc), f"{what} has no meaning: Annotated[..., Doc('what it does, unit')]")


RULES: tuple[Rule, ...] = (is_called_as_its_kind_is, says_what_it_is, documents_its_options)
