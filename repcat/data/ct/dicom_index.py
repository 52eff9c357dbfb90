"""DICOM index: files sorted into series, and what is wrong with the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from repcat.data.ct.dicom_gaps import faults_of_stack
from repcat.data.ct.dicom_slices import Slice, decoded, read_slice
from repcat.data.ct.hu_checks import check_no_grey
from repcat.data.ct.known_words import kernel_name
from repcat.errors import DataError


@dataclass(frozen=True, slots=True)
class Series:
    """Slices that make one volume, in the order of their normal."""

    slices: tuple[Slice, ...]
    notes: tuple[str, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """Return the files in the order in which `read_series` wants them."""
        return tuple(s.path for s in self.slices)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Files that are left out, and why; `kernel` tells series of one folder apart."""

    paths: tuple[Path, ...]
    reason: str
    kernel: str = ""


def find_series(
    paths: Sequence[Path], *, large: bool = False
) -> tuple[list[Series], list[Refusal]]:
    """Sort DICOM files into series that can be read, and the rest with the reason.

    Slices belong together that share patient, study, series, reconstruction kernel, image type,
    matrix, pixel spacing and orientation; where a UID is blank, the folder stands for it.
    """
    slices, refusals = _read_headers(paths, large=large)
    fit = [s for s in slices if not s.picture]
    refusals += _check_no_pictures([s for s in slices if s.picture])
    series: list[Series] = []
    for members in _gathered(fit, lambda s: (s.patient, s.study, s.series or s.path.parent)):
        for group, notes in _split(members):
            faults = faults_of_stack(group) + _faults_of_pixels(group, large=large)
            if faults:
                files = tuple(s.path for s in group)
                told = kernel_name(group[0].kernel)
                refusals.append(Refusal(files, "; ".join(faults), told))
            else:
                series.append(Series(tuple(group), (*notes, *_description(group))))
    return series, refusals


def _read_headers(paths: Iterable[Path], *, large: bool) -> tuple[list[Slice], list[Refusal]]:
    """Read every header once; files that hold no image are refused once for each folder."""
    slices: list[Slice] = []
    bad: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for path in paths:
        try:
            slices.append(read_slice(path, large=large))
        except DataError as error:
            bad[path.parent, str(error)].append(path)
    return slices, [Refusal(tuple(p), _named(p) + reason) for (_, reason), p in bad.items()]


def _named(paths: list[Path]) -> str:
    """Name the first of several files; a single one is named by its label."""
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{', '.join(p.name for p in paths[:3])}{more}: " if len(paths) > 1 else ""


def _check_no_pictures(slices: Iterable[Slice]) -> list[Refusal]:
    """Refuse what is no CT slice, once for each folder and reason."""
    return [
        Refusal(
            tuple(s.path for s in group),
            f"{len(group)} file{'s' * (len(group) != 1)} left out: {group[0].picture}",
        )
        for group in _gathered(slices, lambda s: (s.path.parent, s.picture))
    ]


def _split(members: list[Slice]) -> list[tuple[list[Slice], tuple[str, ...]]]:
    """Split one series UID into stacks, each in order, with notes; strays are only noted."""
    unique = {s.uid or str(s.path): s for s in reversed(members)}
    copies = len(members) - len(unique)
    are = "file is a copy" if copies == 1 else "files are copies"
    notes = (f"{copies} {are} of another: left out",) * bool(copies)
    if not members[0].series:
        notes += ("the series UID is blank: files were grouped by folder",)
    kept = [s for s in members if unique[s.uid or str(s.path)] is s]
    groups = _gathered(kept, lambda s: (s.kernel, s.image_type, s.matrix))
    stacks = [alike for group in groups for alike in _alike(group)]
    most = max(map(len, stacks))
    strays = [s for s in stacks if len(s) < 3 and len(s) * 5 <= most]
    if strays:
        n = sum(map(len, strays))
        have = "has" if n == 1 else "have"
        notes += (f"{n} of its slices {have} another plane or matrix: left out",)
    return [(_in_order(s), notes) for s in stacks if s not in strays]


def _alike(group: list[Slice]) -> list[list[Slice]]:
    """Split by orientation and pixel spacing, which carry the noise of printed decimals."""
    stacks: list[list[Slice]] = []
    for one in group:
        for stack in stacks:
            turn = np.subtract(stack[0].orientation, one.orientation)
            zoom = np.subtract(stack[0].pixel_mm, one.pixel_mm)
            if np.abs(turn).max() < 0.01 and np.abs(zoom).max() < 1e-3:
                stack.append(one)
                break
        else:
            stacks.append([one])
    return stacks


def _in_order(group: list[Slice]) -> list[Slice]:
    """Sort along the normal of the first."""
    normal = group[0].normal
    return sorted(group, key=lambda s: (float(np.dot(s.position, normal)), str(s.path)))


def _faults_of_pixels(group: list[Slice], *, large: bool) -> list[str]:
    """Decode the middle slice: pixels that cannot be decoded, grey values, masks."""
    try:
        check_no_grey(decoded(group[len(group) // 2].path, large=large))
    except DataError as error:
        return [str(error)]
    return []


def _description(group: list[Slice]) -> tuple[str, ...]:
    """Say which reconstruction this is, so that a person can choose among several."""
    rise = np.subtract(group[-1].position, group[0].position) @ group[0].normal / (len(group) - 1)
    name = kernel_name(group[0].kernel)
    kernel = (f"kernel {name}",) * bool(name)
    return (*kernel, f"{len(group)} slices, {rise:.4g} mm apart")


def _gathered(slices: Iterable[Slice], key: Callable[[Slice], Hashable]) -> list[list[Slice]]:
    """Gather by a key, in the order of first sight."""
    groups: dict[Any, list[Slice]] = defaultdict(list)
    for one in slices:
        groups[key(one)].append(one)
    return list(groups.values())
