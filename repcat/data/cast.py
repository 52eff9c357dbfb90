"""Casting: X-rays of volumes that are in no dataset, or of a part of one, in a dataset's scene."""

from __future__ import annotations

import torch
from torch import Tensor

from repcat.arithmetic import one_thread
from repcat.contracts import Patients
from repcat.errors import PartError
from repcat.types import Projector
from repcat.view import View

AIR_HU = -1000.0
BONE_HU = 300.0  # and above: denser than soft tissue with contrast agent in it


class Caster:
    """Line integrals of volumes by the recipe's projector and the dataset's attenuation.

    `option` is that of [augment] which asks, `off` how it is turned off.

    Raises:
        PartError: where dataset or projector cannot make X-rays of a volume.
    """

    def __init__(
        self, patients: Patients, project: Projector, views: tuple[View, ...], option: str, off: str
    ) -> None:
        self.patients, self.project = patients, project
        for view in views:
            patients.geometry.check_source(view, f"augment.{option}")
        self._check(views, option, off)

    def _check(self, views: tuple[View, ...], option: str, off: str) -> None:
        """Project a cube of air in one view: what cannot project says so before the first step."""
        scene = self.patients.geometry
        image = self(torch.full(scene.voxels, AIR_HU), views[:1])
        if image.shape != (1, *scene.pixels) or not bool(image.isfinite().all()):
            msg = (
                f"augment.{option} needs X-rays of {scene.pixels} pixels, and the projector gives "
                f"{tuple(image.shape[1:])} of a volume of air; choose another data.projector, or "
                f"{off}"
            )
            raise PartError(msg, code="cannot-project")

    @torch.no_grad()
    def __call__(self, hu: Tensor, views: tuple[View, ...]) -> Tensor:
        """Return the line integrals (N, rows, columns) of a volume (D, H, W) in HU."""
        return self._project(self.patients.attenuate(hu.float()), views)

    @torch.no_grad()
    def bone(self, hu: Tensor, views: tuple[View, ...]) -> Tensor:
        """Return the part of them that lies in bone: in voxels of 300 HU and more."""
        mu = self.patients.attenuate(hu.float())
        return self._project(torch.where(hu >= BONE_HU, mu, torch.zeros_like(mu)), views)

    def _project(self, mu: Tensor, views: tuple[View, ...]) -> Tensor:
        with one_thread():
            return self.project(mu, self.patients.geometry, views).float()
