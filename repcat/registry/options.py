"""Options of a part: its keyword-only parameters are the schema of a recipe's table."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from typing_extensions import Doc


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
        found.append(Option(name, _type_text(hints[name]), default, required, _doc(hints[name])))
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
    known = [*parameters, *also]
    problems = [f"{where}.{key} is unknown{nearest(key, known)}" for key in unknown]
    schema = _schema(parameters, annotations_of(factory))
    try:
        values = schema(**{k: v for k, v in table.items() if k in parameters})
    except ValidationError as error:
        return {}, problems + [_problem(where, e) for e in error.errors()]
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


def _schema(given: Mapping[str, inspect.Parameter], hints: Mapping[str, Any]) -> type[BaseModel]:
    defaults = {name: ... if p.default is p.empty else p.default for name, p in given.items()}
    fields: dict[str, Any] = {name: (hints[name], value) for name, value in defaults.items()}
    config = ConfigDict(arbitrary_types_allowed=True, allow_inf_nan=False, protected_namespaces=())
    return create_model("Options", __config__=config, **fields)


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
    return f"{place} = {error['input']!r}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _doc(hint: Any) -> str:  # noqa: ANN401  (any annotation)
    notes = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((n.documentation for n in notes if isinstance(n, Doc)), "")


def _type_text(hint: Any) -> str:  # noqa: ANN401  (any annotation)
    if get_origin(hint) is not Annotated:
        return _plain(hint)
    plain, *notes = get_args(hint)
    signs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
    limits = [
        f"{sign} {getattr(note, field):g}"
        for note in notes
        for field, sign in signs.items()
        if getattr(note, field, None) is not None
    ]
    return " ".join([_plain(plain), *limits])


def _plain(hint: Any) -> str:  # noqa: ANN401  (any annotation)
    if hint is type(None):
        return "none"
    if isinstance(hint, type) and not get_args(hint):
        return hint.__name__
    text = str(hint).replace("typing.", "")
    if text.startswith("Literal["):
        return " | ".join(repr(choice) for choice in get_args(hint))
    return text
