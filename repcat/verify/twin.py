"""Twin of a run: a folder that has all of it by links, but for what is to be made again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from repcat.errors import RepcatError
from repcat.runs.run import Run


@contextmanager
def twin(run: Run, without: Collection[str]) -> Iterator[Run]:
    """Give a twin for a while; nothing that is written there reaches the run.

    `without` are the folders of the run that the twin lacks. Errors name the run in its stead.
    """
    with TemporaryDirectory(prefix="repcat-verify-") as made:
        folder = Path(made) / run.path.resolve().name
        folder.mkdir()
        for each in run.path.resolve().iterdir():
            if each.name not in without and not each.name.startswith("."):
                (folder / each.name).symlink_to(each)
        try:
            yield Run(folder)
        except RepcatError as error:
            words = str(error).replace(str(folder), str(run.path))
            raise type(error)(words, code=error.code) from None
