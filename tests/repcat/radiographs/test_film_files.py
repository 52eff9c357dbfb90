"""What a film file holds, read in this process as in the child."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

SHADES = np.linspace(0, 60_000, 48 * 40).reshape(48, 40)
READ = "repcat.radiographs.film_files:read"
REFUSED = (
    "deep.nii.gz", "flat.png", "thin.png", "complex.npy", "deep.npy", "nan.npy", "not.png",
    "film.xyz",
)  # fmt: skip


def image(array: np.ndarray, vector: bool = False, mm: float = 1.5) -> sitk.Image:
    found = sitk.GetImageFromArray(array, isVector=vector)
    found.SetSpacing([mm] * found.GetDimension())
    return found


def films() -> dict[str, object]:
    grey = SHADES.astype(np.uint16)
    colour = np.stack([SHADES / 256] * 3, -1).astype(np.uint8)
    return {
        "16.png": image(grey),
        "8.png": image((SHADES / 256).astype(np.uint8)),
        "colour.png": image(colour, vector=True),
        "grey.tif": image(grey),
        "grey.jpg": image((SHADES / 256).astype(np.uint8)),
        "grey.mha": image(grey),
        "one.nii.gz": image(grey[None]),
        "deep.nii.gz": image(np.stack([grey] * 3)),
        "flat.png": image(np.zeros((48, 40), np.uint8)),
        "thin.png": image(np.zeros((1, 40), np.uint8)),
        "a.npy": SHADES.astype(np.float32),
        "complex.npy": SHADES.astype(np.complex64),
        "deep.npy": np.stack([SHADES] * 3),
        "nan.npy": np.full((48, 40), np.nan, np.float32),
        "not.png": b"nothing of the kind",
        "film.xyz": b"?",
    }


@pytest.mark.parametrize("name", films())
def test_child_and_reading_function_say_the_same_of_a_file(tmp_path, same_in_process, name):
    read = same_in_process(READ, tmp_path / name, films()[name])
    assert read == (name not in REFUSED)


@pytest.mark.parametrize(
    "tags",
    [{}, {"PhotometricInterpretation": "MONOCHROME1"}, {"PatientOrientation": ["L", "F"]},
     {"ImagerPixelSpacing": [0.2, 0.2], "EstimatedRadiographicMagnificationFactor": "1.1"},
     {"PixelSpacing": [0, 0]}, {"ViewPosition": "LL", "Modality": "CR"}, {"Modality": "MR"}],
)  # fmt: skip
def test_child_and_reading_function_say_the_same_of_a_dicom_film(write_film, same_in_process, tags):
    path = write_film(SHADES.astype(np.uint16), **tags)
    same_in_process(READ, path)
