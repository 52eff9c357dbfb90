"""Annotations of options in words, as `repcat parts` and the docs show them."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

from typing_extensions import Doc


def doc_of(hint: Any) -> str:  # noqa: ANN401  (any annotation)
    """Return what an annotation says of its option."""
    notes = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((n.documentation for n in notes if isinstance(n, Doc)), "")


def type_text(hint: Any) -> str:  # noqa: ANN401  (any annotation)
    """Return an annotation's type and range: `int >= 1 <= 8`."""
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
    if get_origin(hint) is tuple:
        inner = ("..." if one is ... else type_text(one) for one in get_args(hint))
        return f"tuple[{', '.join(inner)}]"
    text = str(hint).replace("typing.", "")
    if text.startswith("Literal["):
        return " | ".join(repr(choice) for choice in get_args(hint))
    return text
