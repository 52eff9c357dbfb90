"""Options that several commands take, said once."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

Run = Annotated[Path, Argument(help="Directory of a trained run.")]
Data = Annotated[Path | None, Option(help="Prepared dataset instead of the recipe's.")]
Split = Annotated[str, Option(help="train, validation or test.")]
Step = Annotated[int | None, Option(help="Checkpoint to use.", show_default="the last")]
Device = Annotated[str, Option(help="auto, cpu, cuda or cuda:N.")]
LargeFiles = Annotated[
    bool,
    Option("--large-files", help="Read files that unpack to over 1 GB and 100 times their size."),
]
Json = Annotated[bool, Option("--json", help="Print JSON.")]
Settings = Annotated[
    list[str] | None,
    Option(
        "--set", help="Change the recipe, in TOML: 'train.steps = 10', or @FILE, @NAME. Repeatable."
    ),
]
