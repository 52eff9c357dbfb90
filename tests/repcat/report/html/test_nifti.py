"""What the viewer reads lies where SimpleITK says it does."""

import SimpleITK as sitk
import torch

from repcat.report.html.nifti import coarsened, nifti


def test_simpleitk_reads_the_same_voxels_in_the_same_place(tmp_path):
    hu = torch.arange(2 * 3 * 4).reshape(2, 3, 4).float() * 100 - 1000
    file = tmp_path / "v.nii.gz"
    file.write_bytes(nifti(hu, (5.0, 2.0, 3.0)))
    image = sitk.ReadImage(str(file))
    assert image.GetSize() == (4, 3, 2) and image.GetSpacing() == (3.0, 2.0, 5.0)
    for z, y, x in ((0, 0, 0), (1, 2, 3)):
        # LPS about the middle: x to the left, y to the back, z to the head
        place = [(x - 1.5) * 3, (y - 1) * 2, (z - 0.5) * 5]
        index = image.TransformPhysicalPointToIndex(place)
        assert image[index] == hu[z, y, x]


def test_the_bytes_depend_on_the_volume_alone():
    hu = torch.zeros(2, 2, 2)
    assert nifti(hu, (1, 1, 1)) == nifti(hu.clone(), (1, 1, 1))


def test_a_coarser_volume_keeps_its_extent_and_its_mean():
    hu = torch.randn(8, 6, 4)
    small, mm = coarsened(hu, (1.0, 2.0, 3.0), 8 * 6 * 4 // 8)
    assert small.shape == (4, 3, 2) and mm == (2.0, 4.0, 6.0)
    assert torch.allclose(small.mean(), hu.mean(), atol=1e-6)
    same, mm = coarsened(hu, (1.0, 2.0, 3.0), 192)
    assert same is hu and mm == (1.0, 2.0, 3.0)
