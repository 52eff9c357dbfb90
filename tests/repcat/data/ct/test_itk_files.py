"""What a volume file holds, read in this process as in the child."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

READ = "repcat.data.ct.itk_files:read_volume"
REFUSED = ("nan.nii.gz", "cut.nii.gz", "vector.mha", "eight.mha", "flat.mha")


def image(array: np.ndarray, vector: bool = False, mm: float = 1.5) -> sitk.Image:
    found = sitk.GetImageFromArray(array, isVector=vector)
    found.SetSpacing([mm] * found.GetDimension())
    return found


def volumes() -> dict[str, object]:
    hu = (np.arange(20 * 24 * 28).reshape(20, 24, 28) % 2000 - 1000).astype(np.int16)
    turned = image(hu)
    turned.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
    oblique = image(hu)
    oblique.SetDirection((0.9848, -0.1736, 0, 0.1736, 0.9848, 0, 0, 0, 1))
    return {
        "a.nii.gz": image(hu),
        "turned.nii": turned,
        "oblique.mha": oblique,
        "a.nrrd": image(hu),
        "float.mha": image(hu.astype(np.float32)),
        "nan.nii.gz": image(np.full(hu.shape, np.nan, np.float32)),
        "eight.mha": image((hu // 8 + 128).astype(np.uint8)),
        "flat.mha": image(np.zeros((1, 24, 28), np.int16)),
        "cut.nii.gz": b"\x1f\x8b\x08",
        "vector.mha": image(np.zeros((4, 5, 6, 3), np.int16), vector=True),
    }


@pytest.mark.parametrize("name", volumes())
def test_child_and_reading_function_say_the_same_of_a_file(tmp_path, same_in_process, name):
    assert same_in_process(READ, tmp_path / name, volumes()[name]) == (name not in REFUSED)
