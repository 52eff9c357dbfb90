"""`repcat check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Exit, Option

if TYPE_CHECKING:
    from repcat.registry.registry import Part
    from repcat.testing import Verdict


def check(
    what: Annotated[str, Argument(help="A part, kind:part, or a distribution: all its parts.")],
    kind: Annotated[str | None, Option(help="The part's kind where several have its name.")] = None,
    size: Annotated[
        int | None,
        Option(min=1, help="Voxels a side.", show_default="the smallest that a part takes"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        Option("--set", help="An option of the part, in TOML: 'width = 4'. Repeatable."),
    ] = None,
    as_json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try installed parts by every rule of their kind; exit code 2 when one is broken."""
    from repcat.commands.console import out
    from repcat.errors import PartError
    from repcat.registry.plugins import load_parts
    from repcat.testing.select import chosen

    found = chosen(what, kind, load_parts())
    if settings and len(found) > 1:
        msg = f"--set belongs to one part; {what} has {', '.join(p.name for _, p in found)}"
        raise PartError(msg, code="set-of-one-part")
    options = _options(settings or [])
    told = []
    for kinds, part in found:
        verdicts = _try(kinds, part, options, size, quiet=as_json)
        told.append({"kind": kinds, "name": part.name, "origin": part.origin, **_plain(verdicts)})
    if as_json:
        out.print_json(data={"parts": told, "passed": all(t["passed"] for t in told)})
    if not all(t["passed"] for t in told):
        raise Exit(2)


def _options(settings: list[str]) -> dict[str, Any]:
    from repcat.config.load import merge, parse_toml

    options: dict[str, Any] = {}
    for setting in settings:
        options = merge(options, parse_toml(setting, f"--set {setting!r}"))
    return options


def _try(
    kind: str, part: Part, options: dict[str, Any], size: int | None, *, quiet: bool
) -> list[Verdict]:
    """Try one part and print its verdicts."""
    import warnings

    from repcat.commands.console import err, say
    from repcat.testing import verdicts

    sized = size if kind in ("datasets", "mappers", "backbones", "objectives") else None
    with err.status(f"trying {kind[:-1]} {part.name}"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = verdicts(kind, part.name, options=options, size=sized)
    if not quiet:
        say(f"{kind[:-1]} {part.name} [{part.origin}]")
        for verdict in found:
            say(f"  {verdict}")
        say(f"  {_sum(found)}")
    return found


def _sum(verdicts: list[Verdict]) -> str:
    states = [v.state for v in verdicts]
    ok, broken, other = (states.count(s) for s in ("ok", "fails", "does not apply"))
    return f"{ok} rules hold, {broken} broken, {other} do not apply"


def _plain(verdicts: list[Verdict]) -> dict[str, Any]:
    """Return verdicts as JSON can hold them."""
    told = [{"rule": v.rule, "state": v.state, "why": v.why} for v in verdicts]
    return {"passed": all(v.state != "fails" for v in verdicts), "verdicts": told}
