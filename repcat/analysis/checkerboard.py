"""Checkerboard artefacts: energy near Nyquist, patterns of two voxels' period."""

from __future__ import annotations

import torch
from torch import Tensor

from repcat.errors import DataError

AXES = ("z", "y", "x")
# Of the frequencies 0..1 (1: two voxels a period): where a checkerboard lies, and below it.
NYQUIST = (7 / 8, 1.0)
BELOW = (1 / 2, 3 / 4)
LEAST = 16


def checkerboard(truth: Tensor, prediction: Tensor) -> dict[str, float]:
    """Compare the energy near the Nyquist frequency of a volume (D, H, W) with the truth's.

    `nyquist_z`, `_y`, `_x`: share of the prediction's energy along the axis that lies in the top
    eighth of the frequencies, over the truth's share; a blurred volume is below 1. `nyquist` is
    their mean. `peak` asks what blur cannot hide: mean energy in the top eighth over that between
    1/2 and 3/4, the largest of the axes. Smooth spectra fall, so it is far below 1 but for coarse
    voxels (ribs are two 12 mm voxels apart): compare it with the truth's own.
    """
    found, peaks = {}, []
    for axis, name in enumerate(AXES):
        true, seen = spectrum(truth, axis), spectrum(prediction, axis)
        found[f"nyquist_{name}"] = _share(seen) / max(_share(true), 1e-12)
        peaks.append(_mean(seen, NYQUIST) / max(_mean(seen, BELOW), 1e-30))
    mean = sum(found.values()) / len(AXES)
    return {"nyquist": mean, **found, "peak": max(peaks)}


def spectrum(volume: Tensor, axis: int) -> Tensor:
    """Return the energy (F,) of a volume at each frequency along an axis, from 0 to Nyquist.

    Each line loses its mean and fades to both ends (Hann), so that a body cut by the cube's faces
    does not leak into every frequency.
    """
    n = volume.shape[axis]
    if n < LEAST:
        msg = f"a spectrum needs {LEAST} voxels a side or more, got {n}; measure a larger volume"
        raise DataError(msg, code="volume-too-small")
    lines = volume.movedim(axis, -1).double()
    lines = lines - lines.mean(dim=-1, keepdim=True)
    fade = torch.hann_window(n, periodic=False, dtype=torch.float64, device=volume.device)
    waves: Tensor = torch.fft.rfft(lines * fade, dim=-1)
    return waves.abs().square().flatten(0, -2).sum(dim=0)


def _band(energy: Tensor, band: tuple[float, float]) -> Tensor:
    frequency = torch.linspace(0, 1, len(energy), dtype=torch.float64, device=energy.device)
    return energy[(frequency >= band[0]) & (frequency <= band[1])]


def _share(energy: Tensor) -> float:
    return float(_band(energy, NYQUIST).sum() / energy.sum().clamp(min=1e-30))


def _mean(energy: Tensor, band: tuple[float, float]) -> float:
    return float(_band(energy, band).mean())
