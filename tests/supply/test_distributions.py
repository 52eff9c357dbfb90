"""The wheel and the sdist hold what they must and nothing that belongs on a developer's machine."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int]]:
    """Names and sizes of the files of both, built from this checkout."""
    pytest.importorskip("hatchling", reason="hatchling is not installed: it builds the wheel")
    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("dist")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    (sdist,) = SdistBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with tarfile.open(sdist) as whole:
        packed = {one.name.partition("/")[2]: one.size for one in whole.getmembers()}
        whole.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    (again,) = WheelBuilder(str(source)).build(directory=str(source), versions=["standard"])
    return {"wheel": sizes(wheel), "sdist": packed, "from sdist": sizes(again)}


def sizes(wheel: str) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as whole:
        return {one.filename: one.file_size for one in whole.infolist()}


def tracked(*below: str) -> set[str]:
    """Return what git knows or would add, of some folders or of all."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *below]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("no git checkout: what is tracked is not known")
    return set(listed.stdout.split())


@pytest.mark.slow
def test_the_wheel_holds_every_module_recipe_and_asset_and_nothing_else(built) -> None:
    meant = {placed(p) for p in tracked("repcat", "plugins/repcat_plugins", "recipes")}
    assert {p for p in built["wheel"] if ".dist-info/" not in p} == meant


def placed(path: str) -> str:
    """Return where a file of the checkout lies in the wheel."""
    return f"repcat/{path}" if path.startswith("recipes/") else path.removeprefix("plugins/")


@pytest.mark.slow
def test_a_wheel_made_of_the_sdist_is_the_same(built) -> None:
    assert built["from sdist"] == built["wheel"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_licence_and_notice_are_in_both(built, kind: str) -> None:
    names = {Path(p).name for p in built[kind]}
    assert {"LICENSE", "NOTICE", "NIIVUE.md", "niivue.umd.js.gz", "py.typed"} <= names


@pytest.mark.slow
def test_the_sdist_holds_what_git_tracks_and_is_small(built) -> None:
    extra = set(built["sdist"]) - tracked() - {"PKG-INFO"}
    assert extra == set()
    assert {"pyproject.toml", "tests/conftest.py", "Makefile"} <= set(built["sdist"])
    assert sum(built["sdist"].values()) < 20e6
