"""Running the rules of a part's kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from repcat.errors import PartError
from repcat.registry.options import check_options
from repcat.registry.plugins import load_parts
from repcat.testing import docs
from repcat.testing.docs import Subject
from repcat.testing.result import Verdict, judge, one_line
from repcat.testing.rules import backbone, dataset, mapper, metric, objective, projector, protocol

PANEL: dict[str, Callable[..., list[Verdict]]] = {
    "datasets": dataset.verdicts,
    "mappers": mapper.verdicts,
    "backbones": backbone.verdicts,
    "objectives": objective.verdicts,
    "projectors": projector.verdicts,
    "metrics": metric.verdicts,
    "protocols": protocol.verdicts,
}


def verdicts(
    kind: str,
    part: Callable[..., Any] | str,
    *,
    options: Mapping[str, Any] | None = None,
    **hints: Any,  # noqa: ANN401  (size, source: what the kind's rules take)
) -> list[Verdict]:
    """Try a part by every rule of its kind, given its factory or the name of an installed one.

    Raises:
        PartError: when the name or an option is unknown.
    """
    if isinstance(part, str):
        name, factory = part, load_parts().registry(kind).get(part).factory
    else:
        name, factory = getattr(part, "__name__", "part"), part
    subject = Subject(kind, name, factory)
    said = judge(docs.RULES, subject)
    if said[0].state == "fails":
        return said
    values, problems = check_options(factory, options or {}, name)
    if problems:
        raise PartError("; ".join(problems), code="wrong-options")
    given = {k: v for k, v in hints.items() if v is not None}
    return said + _tried(Subject(kind, name, factory, values), given)


def _tried(subject: Subject, hints: Mapping[str, Any]) -> list[Verdict]:
    """Try a part; one that cannot even be built has one verdict, which says so."""
    try:
        return PANEL[subject.kind](subject, **hints)
    except Exception as error:  # noqa: BLE001  (a stranger's code: say what it raised, go on)
        why = f"{type(error).__name__}: {one_line(error)}"
        return [Verdict("can be built and run", "fails", why, error)]
