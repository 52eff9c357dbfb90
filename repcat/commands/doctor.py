"""`repcat doctor`."""

from __future__ import annotations

from typer import Exit

from repcat.commands.options import Json


def doctor(as_json: Json = False) -> None:
    """Say what is installed, which device will be used, which plugins are broken, what to do."""
    from repcat.commands.console import out, say
    from repcat.commands.install_check import report

    found = report()
    if as_json:
        out.print_json(data=found)
    else:
        for part in ("versions", "extras", "plugins", "accelerations"):
            say(part)
            for name, value in found[part].items():
                say(f"  {name:<20} {value}")
        say(f"device\n  {found['device']}")
        for trouble in found["troubles"]:
            say(f"trouble: {trouble}")
        if not found["troubles"]:
            say("all well")
    raise Exit(1 if found["troubles"] else 0)
