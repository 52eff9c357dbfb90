"""What repcat needs may be used and passed on by anybody; what it ships says whose it is."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LICENCES = runpy.run_path(str(Path(__file__).with_name("licences.py")))
# Permissive, and MPL-2.0, whose duties end at its own files.
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "HPND",
    "ISC", "LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
CUDA = re.compile(r"(nvidia|cuda)-")  # NVIDIA's own terms; torch's CUDA build alone brings them


def test_every_package_that_repcat_needs_has_a_permissive_licence() -> None:
    found = {name: LICENCES["licence_of"](one) for name, one in LICENCES["needed"]().items()}
    assert {"torch", "monai", "nanodrr", "simpleitk", "pydantic-core"} <= set(found)
    words = {
        name: set(re.split(r" AND | OR | WITH ", said.replace("(", "").replace(")", "")))
        for name, said in found.items()
        if not CUDA.match(name)
    }
    assert {name: said - ALLOWED for name, said in words.items() if said - ALLOWED} == {}


def test_contributing_gives_each_core_dependency_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [re.match(r"[\w-]+", need)[0].lower() for need in project["dependencies"]]
    page = (ROOT / "CONTRIBUTING.md").read_text().lower()
    table = page[page.index("## dependencies") :]
    assert [name for name in names if name not in table] == []


def test_the_notice_names_what_is_shipped_and_what_ships_no_licence() -> None:
    notice = (ROOT / "NOTICE").read_text()
    assert "nanodrr" in notice and "Copyright (c) 2026 Vivek Gopalakrishnan" in notice
    assert "NiiVue 0.69.0" in notice
    theirs = (ROOT / "repcat/report/assets/NIIVUE.md").read_text()
    assert "BSD 2-Clause License" in theirs and "Copyright (c) 2021, Niivue" in theirs
