"""A scored run on phantoms, and what a page of it says."""

from __future__ import annotations

import html
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from repcat.cli import main

RECIPE = """
data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 4}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 2, batch_size = 1}
"""


@pytest.fixture(scope="session")
def scored_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny.toml and its run, predicted and scored; tests do not write into it."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "tiny.toml").write_text(RECIPE)
    call("train", folder / "tiny.toml", "--out", folder / "run", "--device", "cpu")
    call("predict", folder / "run", "--pictures", 0)
    call("evaluate", folder / "run", "--protocol", "standard")
    return folder


def call(*words: object) -> None:
    with patch.object(sys, "argv", ["repcat", *map(str, words)]):
        try:
            main()
        except SystemExit as stop:
            assert not stop.code


@pytest.fixture
def scored(scored_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder's run."""
    return Path(shutil.copytree(scored_once / "run", tmp_path / "run"))


@pytest.fixture
def scenes_of() -> Callable[[Path], list[dict]]:
    """Return a reader of the volumes that a page shows."""

    def read(page: Path) -> list[dict]:
        found = re.search(r'<script id="scenes"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)
        return json.loads(found[1])["scenes"]

    return read


@pytest.fixture
def words_of() -> Callable[[Path], str]:
    """Return a reader of what a page says without its tags, its scripts and its styles."""

    def read(page: Path) -> str:
        text = re.sub(r"<(script|style).*?</\1>", "", page.read_text(), flags=re.DOTALL)
        return html.unescape(re.sub(r"<[^>]+>", " ", text))

    return read
