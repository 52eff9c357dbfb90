"""Source paths: the files that a user's SOURCEs lead to, their names, whose they are."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from repcat.errors import DataError

SUFFIXES = (".nii.gz", ".nii", ".mha", ".mhd", ".nrrd", ".nhdr")
H5_SUFFIXES = (".h5", ".hdf5")
X2CT_STEM = "ct_xray_data"


@dataclass(frozen=True, slots=True)
class Found:
    """A file and the SOURCE that led to it."""

    path: Path
    source: Path

    @property
    def label(self) -> str:
        """Return the path below the SOURCE."""
        return below(self.source, self.path)


def below(source: Path, path: Path) -> str:
    """Return a path below a SOURCE, or the SOURCE's own name, as one printable line."""
    text = source.name if path == source else path.relative_to(source).as_posix()
    return "".join(c if c.isprintable() else "?" for c in text)


def files_of(sources: Sequence[Path]) -> list[Found]:
    """Return every file once, hidden ones left out, and closed folders, in the order of paths."""
    seen: dict[Path, Found] = {}
    for given in sources:
        source = given.expanduser().absolute()
        try:
            folder = stat.S_ISDIR(source.stat().st_mode)
        except OSError as error:
            reason = "there is no such file or folder"
            if not isinstance(error, FileNotFoundError):
                reason = f"it cannot be reached ({error.strerror})"
            msg = f"{given}: {reason}; name folders or files with CT scans"
            raise DataError(msg, code="no-such-file") from None
        for path in _walk(source) if folder else [source]:
            seen.setdefault(_real(path), Found(path, source))
    return sorted(seen.values(), key=lambda f: f.path)


def _walk(source: Path) -> Iterator[Path]:
    """Yield the files of a folder, its folders and linked ones, and folders that do not open."""
    closed: list[Path] = []
    seen = {_real(source)}
    walk = os.walk(source, onerror=lambda e: closed.append(Path(e.filename)), followlinks=True)
    for place, folders, names in walk:
        inner = {_real(Path(place, f)): f for f in sorted(folders) if not f.startswith(".")}
        folders[:] = [name for real, name in inner.items() if real not in seen]
        seen |= inner.keys()
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))
    yield from closed


def _real(path: Path) -> Path:
    """Follow links to the file itself; a link that leads to itself stays."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def suffix(path: Path) -> str:
    """Return the ending by which a volume's format is known, or nothing."""
    return next((s for s in SUFFIXES + H5_SUFFIXES if path.name.lower().endswith(s)), "")


def stem(path: Path) -> str:
    """Return a file's name without the ending of its format."""
    return path.name[: -len(suffix(path))]


def name_of(one: Found, alone: bool) -> str:
    """Return what tells the patient of a file: its stem, or its folder where all stems are alike.

    X2CT-GAN keeps ct_xray_data.h5 in folders such as LIDC-IDRI-0442.20000101.1234.1, a patient
    and a series; TotalSegmentator ct.nii.gz in s0001.
    """
    if stem(one.path) == X2CT_STEM:
        return one.path.parent.name.split(".")[0]
    return stem(one.path) if alone else one.label[: -len(suffix(one.path))]


def labels_of(entries: list[tuple[tuple[Path, ...], str]], sources: dict[Path, Path]) -> list[str]:
    """Name groups of files by their folder, a lone file by itself; number those of one folder."""
    names = []
    for paths, _ in entries:
        common = paths[0] if len(paths) == 1 else Path(os.path.commonpath(paths))
        source = sources[paths[0]]
        names.append(below(source, common) if common.is_relative_to(source) else common.name)
    first = sorted(range(len(entries)), key=lambda i: min(entries[i][0]))
    shared, numbers = Counter(names), Counter[str]()
    for i in first:
        name, kernel = names[i], entries[i][1]
        numbers[name] += 1
        if shared[name] > 1:
            names[i] += f" (series {numbers[name]}{', ' * bool(kernel)}{kernel})"
    return names


def key_of(identity: str) -> str:
    """Hash what identifies a patient to 12 hexadecimal digits."""
    return hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:12]
