"""The paper's projector: plastimatch's own program, one process a view."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import Geometry, PartError, Projector, View
from repcat_plastimatch.files import read_pfm, write_mha
from repcat_plastimatch.program import run

# plastimatch adds up lengths in cm.
CM = 0.1


def plastimatch(
    *,
    whole: Annotated[
        bool,
        Doc("count the voxel where a ray leaves the volume, too; plastimatch itself drops it"),
    ] = False,
) -> Projector:
    """Integrate with plastimatch's exact ray tracing, as X2CT-GAN and the paper did.

    The program gets repcat's attenuation in 1/mm and no HU conversion (`-P none`), so what is air
    and what absorbs is said once, by repcat. Voxels are boxes of one value (Siddon), where
    'nanodrr' and 'march' go trilinearly between centres: relative L2 about .013. The program
    leaves out the voxel at which a ray leaves the volume: nothing where that is air, .4 % of a
    chest that is cut by the volume's faces. Cone beams only, CPU only, not differentiable.
    """

    def project(mu: Tensor, geometry: Geometry, views: tuple[View, ...]) -> Tensor:
        if geometry.beam != "cone":
            msg = (
                "projector 'plastimatch' has no parallel beam; choose projector 'nanodrr' "
                "(data.projector, --projector), or a cone beam, such as geometry 'default'"
            )
            raise PartError(msg, code="no-parallel-beam")
        if any(geometry.detector_shift_mm):
            msg = (
                "projector 'plastimatch' has its detector centred, and the geometry has it shifted "
                f"by {geometry.detector_shift_mm} mm; choose projector 'nanodrr'"
            )
            raise PartError(msg, code="off-centre-detector")
        with TemporaryDirectory(prefix="repcat-") as folder:
            volume = Path(folder) / "mu.mha"
            if whole:
                write_mha(volume, F.pad(mu, (1,) * 6), _rimmed(geometry))
            else:
                write_mha(volume, mu, geometry)
            images = [_image(volume, geometry, view) for view in views]
        return torch.stack(images).to(mu.device)

    return project


def _rimmed(geometry: Geometry) -> Geometry:
    """Return the scene with a voxel of air around the volume."""
    z, y, x = geometry.voxels
    return replace(geometry, voxels=(z + 2, y + 2, x + 2))


def _image(volume: Path, geometry: Geometry, view: View) -> Tensor:
    """Return the line integrals (rows, columns) of one view, without a unit."""
    image = read_pfm(run(_words(geometry, view), volume)) / CM
    # plastimatch looks from the source: its columns run as those of our mirrored view.
    return image if view.mirrored else image.flip(1)


def _words(geometry: Geometry, view: View) -> list[str]:
    """Say the scene in plastimatch's options; lengths in mm, vectors in LPS."""
    # Its help says "row col" for both, but the program takes columns first (tried with 40 x 56).
    size = [n * mm for n, mm in zip(geometry.pixels, geometry.pixel_mm, strict=True)]
    return [
        *("--sad", _text(geometry.source_axis_mm)),
        *("--sid", _text(geometry.source_detector_mm)),
        *("--dim", _text(*reversed(geometry.pixels))),
        *("--detector-size", _text(*reversed(size))),
        *("--isocenter", _text(0, 0, 0)),
        *("--nrm", _text(*view.source)),
        *("--vup", _text(*(-c for c in view.rows))),
    ]


def _text(*numbers: float) -> str:
    return " ".join(f"{number + 0.0:.12g}" for number in numbers)
