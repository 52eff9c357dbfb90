"""The docs site builds with no warning and fetches nothing; its reference is the code's."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

ROOT = Path(__file__).parents[2]
PAGES = runpy.run_path(str(ROOT / "docs/reference/generate.py"))["PAGES"]
# What a browser fetches by itself: not links that a reader may follow, nor names of namespaces.
FETCHED = re.compile(r"""<(?:script|img|iframe)\b[^>]*?\bsrc="?(https?:)?//|<link\b[^>]*>""")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_is_what_the_code_says(name: str) -> None:
    page = ROOT / "docs/reference" / name
    assert page.read_text() == PAGES[name](), "run: python docs/reference/generate.py"


def test_every_message_that_needs_more_than_a_line_has_its_section() -> None:
    named = re.compile(r"docs/messages\.md#([a-z0-9-]+)")
    code = "".join(p.read_text() for p in sorted((ROOT / "repcat").rglob("*.py")))
    titles = re.findall(r"^## (.+)$", (ROOT / "docs/messages.md").read_text(), re.MULTILINE)
    slugs = [slugify(title, "-") for title in titles]
    assert sorted(set(named.findall(code))) == sorted(slugs)


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_fetches_nothing(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="mkdocs is a development tool: pip install -e '.[dev]'")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    pages = sorted(tmp_path.rglob("*.html"))
    assert tmp_path / "reference/api.html" in pages
    assert {p.name: found for p in pages if (found := fetched(p.read_text()))} == {}


def fetched(page: str) -> list[str]:
    found = [match[0] for match in FETCHED.finditer(page)]
    return [tag for tag in found if not tag.startswith("<link") or is_loaded(tag)]


def is_loaded(link: str) -> bool:
    loaded = re.search(r"rel=\"?(stylesheet|preconnect|preload|icon|dns-prefetch)", link)
    return bool(loaded) and re.search(r"href=\"?(https?:)?//", link) is not None


def test_every_warning_about_films_stands_in_the_table_and_no_other() -> None:
    """Codes are what programs read: case.json's, and the first column of the page."""
    code = "".join(p.read_text() for p in sorted((ROOT / "repcat").rglob("*.py")))
    raised = set(re.findall(r"\b[Cc]aution\(\s*\"(\w+)\"", code))
    page = (ROOT / "docs/own-xrays.md").read_text()
    table = page[page.index("## Warnings") :].partition("\n## ")[0]
    assert raised == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
