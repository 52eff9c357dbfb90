"""What the package brings: data alone, small, checked; or nothing yet."""

import hashlib
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import repcat

HERE = Path(__file__).parents[1]
PACKAGE = HERE / "repcat_weights"
MODELS = sorted(path.parent for path in PACKAGE.glob("*/model.safetensors"))
MOST = 12_000_000  # bytes of the wheel, which safetensors hardly packs
KNOWN = {".safetensors", ".toml", ".json", ".md", ""}


def test_it_is_data_alone() -> None:
    code = [p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py"]
    files = [p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix not in {".py", ".pyc"}]
    assert not code and {p.suffix for p in files} <= KNOWN
    assert sum(p.stat().st_size for p in files) < MOST
    assert len((PACKAGE / "__init__.py").read_text().splitlines()) == 1


def test_the_entry_point_is_found_where_it_is_installed() -> None:
    text = tomllib.loads((HERE / "pyproject.toml").read_text())
    assert text["project"]["entry-points"]["repcat.models"] == {"weights": "repcat_weights"}
    found = [e for e in entry_points(group="repcat.models") if e.value == "repcat_weights"]
    if not found:
        pytest.skip("repcat-weights is not installed: pip install -e plugins/repcat-weights")
    assert found[0].name == "weights"


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_a_model_is_what_was_exported_and_opens(folder: Path) -> None:
    lines = (line.split("  ", 1) for line in (folder / "SHA256SUMS").read_text().splitlines())
    listed = {name: known for known, name in lines}
    assert {"model.safetensors", "recipe.toml", "model.json", "film.safetensors"} <= listed.keys()
    for name, known in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == known
    assert repcat.load(folder, device="cpu").views
