"""Write the pages of the reference that come from the code: parts.md, recipes.md, commands.md.

    python docs/reference/generate.py

A test holds the pages equal to what this prints. Installed plugins do not change them: the parts
are those of the distribution repcat alone.
"""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MADE = "<!-- Written by docs/reference/generate.py: change the code, not this page. -->\n"
FOLDERS = {
    "": "Recipes to start from",
    "ablations": "Ablations",
    "baselines": "Baselines",
    "studies": "Studies",
    "settings": "Settings",
}


def parts_page() -> str:
    """Describe every part that repcat itself brings."""
    from repcat.config.describe import inventory

    lines = [
        *_title("Parts"),
        "What a recipe can name after `use`, with the options of its table. `repcat parts` shows",
        "the same on your machine, with those of installed plugins; `repcat check` tries them.",
    ]
    own = [part for part in inventory() if part["origin"] == "repcat"]
    for kind, parts in groupby(own, key=lambda part: part["kind"]):
        lines += ["", f"## {kind.capitalize()}"]
        for part in parts:
            lines += _options(part)
    return "\n".join(lines) + "\n"


def recipes_page() -> str:
    """Describe the tables of a recipe and list the recipes that are shipped."""
    from repcat.config.describe import TABLES, inventory
    from repcat.config.shipped import KINDS, about, names

    lines = [
        *_title("Recipes"),
        "An experiment is a TOML file. `extends` names another to start from; a table's `use` names",
        "a [part](parts.md), the table's other lines are its options; unknown names are refused.",
        "From the shell, `--set 'train.steps = 100'` changes one line, `--set @FILE` many.",
        "A file has at most 1 MB, tables 32 deep, whole numbers of 64 bits, 20 others that it extends;",
        'a study at most 1,000 rows. Numbers have the ranges below and are no text: not `lr = "1e-3"`.',
        "",
        "Those below come with repcat and go by name wherever a file does: `repcat train quickstart`,",
        '`repcat compare table1`, `--set @toy`, `extends = "swin_ot"`. The last part of a name will do; a',
        "file of that name where you stand goes before it. `repcat recipes` lists them, `repcat recipes copy",
        "NAME` writes one to edit.",
        "",
        "## Tables",
        "",
        "`mapper`, `backbone` and `objective` hold the options of the part they name, and no others.",
        "`metrics.NAME` holds those of a metric, by which `repcat evaluate` then scores unasked.",
        "`data` holds the dataset's options beside these:",
    ]
    for table in TABLES:
        lines += _options(inventory(table)[0])
    known = names(*KINDS)
    for folder, title in FOLDERS.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| name | what, what it needs, how long it takes |",
            "|---|---|",
        ]
        own = [name for name in known if name.rpartition("/")[0] == folder]
        lines += [_row([_code(name), " ".join(about(known[name]))]) for name in own]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Describe every command with its arguments and options."""
    from typer.main import get_command

    from repcat.cli import app

    lines = [
        *_title("Command line"),
        "Errors that you can cure are one line and exit code 2. `repcat --install-completion`",
        "makes your shell complete commands and options.",
    ]
    for path, command in _commands("repcat", get_command(app)):
        lines += _command(path, command)
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "parts.md": parts_page,
    "recipes.md": recipes_page,
    "commands.md": commands_page,
}


def _title(title: str) -> list[str]:
    return [MADE, f"# {title}", ""]


def _options(part: dict[str, Any]) -> list[str]:
    lines = ["", f"### `{part['name']}`", "", html.escape(part["summary"], quote=False)]
    if part["options"]:
        lines += ["", "| option | default | type | meaning |", "|---|---|---|---|"]
    for option in part["options"]:
        default = "required" if option["required"] else _code(repr(option["default"]))
        cells = [_code(option["name"]), default, _code(option["type"]), option["doc"]]
        lines.append(_row(cells))
    return lines


def _code(text: str) -> str:
    """Mark code; a bar in it would end the cell, and a backslash before it would be shown."""
    if "|" not in text:
        return f"`{text}`"
    return f"<code>{html.escape(text, quote=False).replace('|', '&#124;')}</code>"


def _row(cells: list[str]) -> str:
    escaped = [
        cell if cell.startswith(("`", "<code>")) else html.escape(cell, quote=False)
        for cell in cells
    ]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in escaped) + " |"


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  (typer's own)
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(f"{path} {name}", child)


def _command(path: str, command: Any) -> list[str]:  # noqa: ANN401  (typer's own)
    said = html.escape(inspect.cleandoc(command.help or ""), quote=False)
    context = command.context_class(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    lines = ["", f"## `{path}`", "", said, "", f"    {usage}"]
    records = [param.get_help_record(context) for param in command.params]
    rows = [_row([_code(record[0]), record[1]]) for record in records if record]
    return [*lines, "", "| | |", "|---|---|", *rows] if rows else lines


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page())


if __name__ == "__main__":
    main()
