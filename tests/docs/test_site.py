"""The docs site builds with no warning and fetches nothing; its reference is the code's."""

import html
import os
import re
import runpy
import shutil
import subprocess
import sys
import time
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


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built as `make docs` builds it."""
    pytest.importorskip("mkdocs", reason="mkdocs is a development tool: pip install -e '.[dev]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_fetches_nothing(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert site / "reference/api.html" in pages
    assert {p.name: found for p in pages if (found := fetched(p.read_text()))} == {}


@pytest.mark.slow
def test_a_choice_of_words_is_shown_without_a_backslash(site: Path) -> None:
    page = html.unescape((site / "reference/recipes.html").read_text())
    assert "<code>'window' | 'minmax'</code>" in page and "\\|" not in page


@pytest.mark.slow
@pytest.mark.browser
def test_the_search_box_finds_pages_that_are_opened_from_a_disk(site: Path) -> None:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    paths = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if None in paths:
        pytest.skip("Chromium and its driver are not installed (chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = paths[0]
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, webdriver.ChromeService(paths[1]))
    try:
        driver.get(f"{(site / 'index.html').as_uri()}?q=plastimatch")
        end = time.monotonic() + 60
        while not (found := driver.find_elements("css selector", "a.md-search-result__link")):
            assert time.monotonic() < end, driver.get_log("browser")
            time.sleep(0.05)
        assert all(link.get_attribute("href").startswith("file://") for link in found)
    finally:
        driver.quit()


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
