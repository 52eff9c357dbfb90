"""Licences of all that `pip install repcat` brings, as the packages themselves state them.

python tests/supply/licences.py > dist/licences.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What a package does not say itself, and where it is said.
STATED = {
    "nanodrr": "MIT",  # its repository's LICENSE; NOTICE holds it
    "torchvision": "BSD-3-Clause",  # "BSD" in its metadata, the text in its LICENSE
}
CLASSIFIER = "License :: OSI Approved :: "
TEXTS = {  # how licences begin or are called that are given as text
    "Apache": "Apache-2.0",
    "BSD 3-Clause": "BSD-3-Clause",
    "MIT": "MIT",
    "ISC": "ISC",
    "PSF": "PSF-2.0",
    "Python Software Foundation": "PSF-2.0",
    "Mozilla Public License 2.0": "MPL-2.0",
    "BSD": "BSD",
}


Need = tuple[str, frozenset[str]]  # a package and the extras that are wanted of it


def needed(name: str = "repcat") -> dict[str, Distribution]:
    """Return a distribution and all that it needs on this machine, deep, extras left out."""
    found: dict[str, Distribution] = {}
    seen: set[Need] = set()
    waiting: list[Need] = [(name, frozenset())]
    while waiting:
        need = waiting.pop()
        if need not in seen:
            seen.add(need)
            one = found.setdefault(canonicalize_name(need[0]), distribution(need[0]))
            waiting += _requirements(one, need[1])
    return dict(sorted(found.items()))


def _requirements(
    one: Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for text in one.requires or []:
        need = Requirement(text)
        wanted = ({"extra": extra} for extra in extras or {""})
        if not need.marker or any(need.marker.evaluate(given) for given in wanted):
            yield need.name, frozenset(need.extras)


def licence_of(one: Distribution) -> str:
    """Return an SPDX expression, or what the package says in its own words."""
    about = one.metadata
    known = STATED.get(canonicalize_name(one.name), about.get("License-Expression"))
    if known:
        return known
    classed = [c[len(CLASSIFIER) :] for c in about.get_all("Classifier") or [] if CLASSIFIER in c]
    said = about.get("License") or ""
    if re.fullmatch(r"[\w.+-]+( (AND|OR) [\w.+-]+)*", said) and said not in {
        "BSD",
        "Apache",
        "MIT",
    }:
        return said
    return " AND ".join(_spdx(text) for text in classed or [said.strip().split("\n")[0]])


def _spdx(text: str) -> str:
    return next((name for start, name in TEXTS.items() if text.startswith(start)), text)


if __name__ == "__main__":
    print("| package | version | licence |\n|---|---|---|")
    for name, one in needed().items():
        print(f"| {name} | {one.version} | {licence_of(one)} |")
