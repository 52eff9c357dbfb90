"""`repcat verify`: a result made again from what its run kept, and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from repcat.commands.options import Data, Device

if TYPE_CHECKING:
    from repcat.verify.run import Extent
    from repcat.verify.verdict import Verdict


def verify(
    what: Annotated[Path, Argument(help="Directory of a run; a study, or the folder of its runs.")],
    scores: Annotated[
        bool, Option("--scores", help="Scores and predictions alone; nothing is trained.")
    ] = False,
    steps: Annotated[
        int | None, Option(min=1, help="Train as far as this step.", show_default="all")
    ] = None,
    row: Annotated[str, Option(help="One row of a study, by name.", show_default="all")] = "",
    seed: Annotated[int | None, Option(help="One seed of a study.", show_default="all")] = None,
    data: Data = None,
    out: Annotated[
        Path | None, Option(help="Keep the new training here; killed, it goes on.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Make a result again: scores from its volumes, volumes from its weights, weights by training.

    On the machine, versions and threads of the run the bits must be equal, elsewhere near. All
    scored runs of a study are taken, one after the other.
    """
    from repcat.commands.console import say
    from repcat.config.shipped import find
    from repcat.device import choose
    from repcat.verify.run import Extent
    from repcat.verify.study import scored_runs, study_folder

    what, on = find(what, "study", or_folder="run"), choose(device)
    if (what / "recipe.toml").is_file():
        say(_one(what, Extent(not scores, steps, out), data, on))
        return
    folder = study_folder(what)
    runs = scored_runs(folder, row, seed)
    keep = {run: out / run.relative_to(folder) if out else None for run in runs}
    _study({run: Extent(not scores, steps, keep[run]) for run in runs}, data, on)


def _one(path: Path, extent: Extent, data: Path | None, device: str) -> str:
    """Verify a run, telling each comparison when it is made; returns what it came to."""
    from repcat.commands.console import say, stages
    from repcat.registry.plugins import load_parts
    from repcat.verify.run import check_verdicts, differing, open_again, verify

    found: dict[str, Verdict | None] = {}
    with stages("done") as advance:
        again = open_again(path, load_parts(), device, data, advance)
        other = differing(again.run, device)
        say(f"{path}: {_promise(other)}")
        for number, (name, verdict) in enumerate(verify(again, extent), start=1):
            found[name] = verdict
            say(f"{number} {name}: {verdict.words if verdict else 'none kept'}")
    check_verdicts(path, found, exact=not other)
    same = all(verdict.equal for verdict in found.values() if verdict)
    return "repeated: equal bits" if same else "repeated, within the tolerance"


def _promise(other: list[str]) -> str:
    if not other:
        return "same machine, versions and threads: bits must be equal"
    return f"elsewhere, so near is enough ({', '.join(other)})"


def _study(extents: dict[Path, Extent], data: Path | None, device: str) -> None:
    """Verify runs one after the other, then show them in a table.

    Raises:
        RunError: where one of them is not repeated, after all have been tried.
    """
    from rich.table import Table
    from rich.text import Text

    from repcat.commands.console import out
    from repcat.errors import RepcatError, RunError

    table, wrong = Table("run", "verdict"), []
    for path, extent in extents.items():
        try:
            verdict = _one(path, extent, data, device)
        except RepcatError as error:
            wrong.append(path)
            verdict = str(error)
        table.add_row(Text(str(path)), Text(verdict))
    out.print(table)
    if wrong:
        msg = f"{len(wrong)} of {len(extents)} runs are not repeated, such as {wrong[0]}"
        raise RunError(msg, code="not-repeated")
