"""HTML as values: text is escaped where it enters, once, and nowhere else."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

VOID = ("img", "input", "meta", "br", "hr")


class Html(str):
    """Text that is markup already; any other text is escaped by `element`."""

    __slots__ = ()


def element(tag: str, *inside: str, **attributes: str | float | bool | None) -> Html:
    """Write an element: what is inside is escaped unless it is Html.

    Attributes: `class_` stands for class, `aria_label` for aria-label; True writes the bare name,
    False and None leave it out.
    """
    words = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in VOID:
        return Html(f"<{tag}{words}>")
    return Html(f"<{tag}{words}>{together(*inside)}</{tag}>")


def together(*parts: str) -> Html:
    """Join parts, escaping those that are not Html."""
    return Html("".join(p if isinstance(p, Html) else html.escape(p) for p in parts))


def pairs(rows: Iterable[tuple[str, str]]) -> Html:
    """Write terms and what they stand for as a description list."""
    inside = (together(element("dt", term), element("dd", told)) for term, told in rows)
    return element("dl", *(element("div", pair) for pair in inside))


def listed(items: Sequence[str]) -> Html:
    """Write a list; nothing where there are no items."""
    return element("ul", *(element("li", item) for item in items)) if items else Html("")


def section(name: str, title: str, *inside: str) -> Html:
    """Write a section under a heading that names it."""
    heading = element("h2", title, id=f"{name}-title")
    return element("section", heading, *inside, id=name, aria_labelledby=f"{name}-title")


def folded(title: str, *inside: str) -> Html:
    """Write what opens on demand."""
    return element("details", element("summary", title), *inside)


def _attribute(name: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    label = name.rstrip("_").replace("_", "-")
    return f" {label}" if value is True else f' {label}="{html.escape(str(value))}"'
