"""Axial slices of real CT are told from projections by the shape of what is on them."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
import torch

import repcat
from repcat.radiographs.axial_slice import looks_axial
from repcat.testing import installed

# Scans whose body lies free in the picture; in a tight field of view it is cut off, as on a film.
FREE = ["fda_phantom_layout2", "lidc_0001", "popi_p1_phase00"]
WINDOWS = [(-1000, 1000), (-160, 240), (-500, 1300)]


@pytest.mark.parametrize("name", FREE)
def test_axial_slices_of_real_scans_are_known(real, name):
    scan = sitk.DICOMOrient(sitk.ReadImage(str(real / f"volumes/{name}.nii.gz")), "LPS")
    volume = sitk.GetArrayFromImage(scan).astype(np.float32)
    for share in (0.4, 0.5, 0.6):
        for low, high in WINDOWS:
            grey = (volume[int(share * len(volume))] - low) / (high - low)
            picture = torch.from_numpy((grey.clip(0, 1) * 255).astype(np.uint8))
            assert looks_axial(picture)
            assert looks_axial(255 - picture), "a negative has the same shape"


@pytest.mark.parametrize("edge", [320.0, 400.0, 560.0])
def test_projections_are_no_slices(edge):
    views = (repcat.View(0), repcat.View(90))
    request = repcat.Request(64, views, installed("projectors", "nanodrr")())
    phantoms = installed("datasets", "phantoms")(request, test=8, cube_mm=edge)
    for patient in phantoms.ids("test"):
        for image in phantoms.load(patient).integrals:
            assert not any(looks_axial(i) for i in (image, image.max() - image, torch.exp(-image)))


@pytest.mark.parametrize("shutter", [0.0, 0.05, 0.2])
def test_real_radiographs_are_no_slices_collimated_or_not(real, shutter):
    for file in sorted((real / "xrays").rglob("*.dcm")):
        pixels = sitk.GetArrayFromImage(sitk.ReadImage(str(file)))[0].astype(np.float32)
        rows, columns = (int(shutter * n) for n in pixels.shape)
        inside = np.full_like(pixels, pixels.min())
        inner = (slice(rows, pixels.shape[0] - rows), slice(columns, pixels.shape[1] - columns))
        inside[inner] = pixels[inner]
        assert not looks_axial(torch.from_numpy(inside))
