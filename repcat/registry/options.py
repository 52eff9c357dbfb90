"""Options of a part: its keyword-only parameters are the schema of a recipe's table."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Strict, ValidationError, create_model

from repcat.errors import cut, shown
from repcat.registry.type_text import doc_of, type_text

MOST_TOLD = 20  # problems of one table


@dataclass(frozen=True, slots=True)
class Option:
    """One keyword-only parameter of a part, as `repcat parts` shows it."""

    name: str
    type: str
    default: Any
    required: bool
    doc: str


def keyword_parameters(factory: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the parameters that a recipe may set."""
    parameters = inspect.signature(factory).parameters.values()
    return {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}


def annotations_of(factory: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations of the keyword-only parameters, with their ranges and docs."""
    wanted = keyword_parameters(factory)
    while isinstance(factory, functools.partial):
        factory = factory.func
    target: Any = factory.__init__ if inspect.isclass(factory) else inspect.unwrap(factory)
    raw = {k: v for k, v in inspect.get_annotations(target).items() if k in wanted}
    module = getattr(target, "__module__", None) or "builtins"  # whose constructors do not say
    holder = type("_Annotations", (), {"__annotations__": raw, "__module__": module})
    namespace = getattr(target, "__globals__", {})
    hints = get_type_hints(holder, globalns=dict(namespace), include_extras=True)
    return {name: hints.get(name, Any) for name in wanted}


def options_of(factory: Callable[..., Any]) -> list[Option]:
    """List what a recipe may set on a part."""
    hints = annotations_of(factory)
    found = []
    for name, parameter in keyword_parameters(factory).items():
        required = parameter.default is parameter.empty
        default = None if required else parameter.default
        found.append(Option(name, type_text(hints[name]), default, required, doc_of(hints[name])))
    return found


def check_options(
    factory: Callable[..., Any], table: Mapping[str, Any], where: str, also: Iterable[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Fill in defaults and check types and ranges.

    Returns the complete options and one line for each problem, beginning with `where`; `also` are
    other keys that may have been meant by an unknown one.
    """
    parameters = keyword_parameters(factory)
    unknown = [key for key in table if key not in parameters]
    problems = told_unknown(unknown, [*parameters, *also], f"{where}.")
    of = _schema_of if isinstance(factory, Hashable) else _schema_of.__wrapped__
    try:
        values = of(factory)(**{k: v for k, v in table.items() if k in parameters})
    except ValidationError as error:
        return {}, problems + [_problem(where, e) for e in error.errors()[:MOST_TOLD]]
    return {name: getattr(values, name) for name in parameters}, problems


def wrong_defaults(factory: Callable[..., Any]) -> list[str]:
    """Return one line for each default that the option's own type or range refuses."""
    known = keyword_parameters(factory).items()
    given = {n: p for n, p in known if p.default is not p.empty and p.default is not None}
    try:
        schema = _schema(given, annotations_of(factory))
        schema(**{name: p.default for name, p in given.items()})
    except ValidationError as error:
        return [f"refuses its own default: {_problem('', e)}" for e in error.errors()]
    except Exception as error:  # noqa: BLE001  (pydantic on a stranger's annotations)
        return [f"has options that cannot be checked ({type(error).__name__}: {error})"]
    return []


@functools.lru_cache(256)  # a study checks each part once a row
def _schema_of(factory: Callable[..., Any]) -> type[BaseModel]:
    return _schema(keyword_parameters(factory), annotations_of(factory))


def _schema(given: Mapping[str, inspect.Parameter], hints: Mapping[str, Any]) -> type[BaseModel]:
    defaults = {name: ... if p.default is p.empty else p.default for name, p in given.items()}
    fields: dict[str, Any] = {
        name: (_strict(hints[name]), value) for name, value in defaults.items()
    }
    config = ConfigDict(arbitrary_types_allowed=True, allow_inf_nan=False, protected_namespaces=())
    return create_model("Options", __config__=config, **fields)


def _strict(hint: Any) -> Any:  # noqa: ANN401  (any annotation)
    """Take no text and no true where a number belongs, however deep; lists stay tuples."""
    inner = get_args(hint)
    if hint in (int, float, bool):
        return Annotated[hint, Strict()]
    if get_origin(hint) is Annotated:
        return Annotated[(_strict(inner[0]), *inner[1:])]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_strict(one) for one in inner)]  # noqa: UP007  (made while running)
    if get_origin(hint) in (tuple, list, dict):
        return get_origin(hint)[tuple(_strict(one) for one in inner)]
    return hint


def told_unknown(keys: Sequence[str], known: Sequence[str], above: str = "") -> list[str]:
    """Return one line for each of the first unknown keys, and one for the rest."""
    told = [f"{above}{cut(key)} is unknown{nearest(key, known)}" for key in keys[:MOST_TOLD]]
    more = len(keys) - len(told)
    return [*told, f"{above[:-1] or 'the recipe'} has {more:,} more unknown keys"] if more else told


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or the list of what is known when nothing is near."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(known)}" if known else "; nothing can be set here"


def _problem(where: str, error: Any) -> str:  # noqa: ANN401  (pydantic's ErrorDetails)
    place = ".".join([*([where] if where else []), *(str(k) for k in error["loc"])])
    if error["type"] == "missing":
        return f"{place} is missing"
    place = cut(place)
    return f"{place} = {shown(error['input'])}: {error['msg'][0].lower()}{error['msg'][1:]}"
