"""What the viewer reads lies where SimpleITK says it does."""

import gzip

import numpy as np
import SimpleITK as sitk
import torch

from repcat.report.html.nifti import coarsened, nifti


def test_simpleitk_reads_the_same_voxels_in_the_same_place(tmp_path):
    hu = torch.arange(2 * 3 * 4).reshape(2, 3, 4).float() * 100 - 1000
    file = tmp_path / "v.nii.gz"
    file.write_bytes(nifti(hu, (5.0, 2.0, 3.0)))
    image = sitk.ReadImage(str(file))
    assert image.GetPixelID() == sitk.sitkInt16
    assert image.GetSize() == (4, 3, 2) and image.GetSpacing() == (3.0, 2.0, 5.0)
    for z, y, x in ((0, 0, 0), (1, 2, 3)):
        # LPS about the middle: x to the left, y to the back, z to the head
        place = [(x - 1.5) * 3, (y - 1) * 2, (z - 0.5) * 5]
        index = image.TransformPhysicalPointToIndex(place)
        assert image[index] == hu[z, y, x]


def test_the_bytes_depend_on_the_volume_alone():
    hu = torch.rand(2, 3, 4) * 1000
    made = nifti(hu, (1.0, 1.0, 1.0))
    assert made == nifti(hu.clone(), (1.0, 1.0, 1.0))
    assert made[:8] == b"\x1f\x8b\x08" + bytes(5)  # gzip (RFC 1952) with no name and no time


def test_voxels_are_int16_behind_352_bytes_as_the_page_unpacks_them():
    hu = torch.tensor([[[-1000.4, 0.5, 40000.0]]])
    data = gzip.decompress(nifti(hu, (1.0, 1.0, 1.0)))
    assert np.frombuffer(data[352:], "<i2").tolist() == [-1000, 0, 32767]
    assert b"synthetic, research use only" in data[:352]


def test_a_coarser_volume_keeps_its_extent_and_its_mean():
    hu = torch.randn(8, 6, 4)
    small, mm = coarsened(hu, (1.0, 2.0, 3.0), 8 * 6 * 4 // 8)
    assert small.shape == (4, 3, 2) and mm == (2.0, 4.0, 6.0)
    assert torch.allclose(small.mean(), hu.mean(), atol=1e-6)
    same, mm = coarsened(hu, (1.0, 2.0, 3.0), 192)
    assert same is hu and mm == (1.0, 2.0, 3.0)
