import io

import numpy as np
import pydicom
import pydicom.encaps
import pytest
from PIL import Image

from repcat.errors import DataError
from repcat.radiographs.read import read_film


def test_monochrome1_is_inverted_and_said(write_film, shades):
    plain = read_film(write_film(shades))
    turned = read_film(write_film(65535 - shades, PhotometricInterpretation="MONOCHROME1"))
    assert np.array_equal(plain.pixels.numpy(), shades)
    assert np.ptp((turned.pixels - plain.pixels).numpy()) == 0  # the same but for a constant
    assert turned.steps == ("MONOCHROME1 inverted",)
    assert turned.grey == plain.grey == "bone_bright"


@pytest.mark.parametrize("bits", [8, 10, 12, 15, 16])
def test_any_depth_is_read(write_film, shades, bits):
    pixels = (shades.astype(float) / shades.max() * (2**bits - 1)).astype(
        np.uint8 if bits == 8 else np.uint16
    )
    film = read_film(write_film(pixels, BitsStored=bits, HighBit=bits - 1))
    assert np.array_equal(film.pixels.numpy(), pixels)


@pytest.mark.parametrize("syntax", ["JPEGLSLossless", "RLELossless", "JPEG2000Lossless"])
def test_compressed_pixels_are_read(write_film, shades, syntax):
    path = write_film(shades)
    data = pydicom.dcmread(path)
    try:
        data.compress(getattr(pydicom.uid, syntax))
    except (RuntimeError, NotImplementedError):
        pytest.skip("pydicom has no encoder of it here: pip install pyjpegls pylibjpeg-openjpeg")
    data.save_as(path)
    assert np.array_equal(read_film(path).pixels.numpy(), shades)


@pytest.mark.parametrize("modality", ["CR", "DX", "RF"])
def test_every_kind_of_radiograph_is_read(write_film, shades, modality):
    film = read_film(write_film(shades, Modality=modality))
    assert np.array_equal(film.pixels.numpy(), shades)


def test_lossy_jpeg_is_read_nearly(write_film, shades):
    grey = (shades / shades.max() * 255).astype(np.uint8)
    path = write_film(grey)
    data = pydicom.dcmread(path)
    coded = io.BytesIO()
    Image.fromarray(grey).save(coded, "JPEG", quality=95)
    data.PixelData = pydicom.encaps.encapsulate([coded.getvalue()])
    data["PixelData"].VR = "OB"
    data.file_meta.TransferSyntaxUID = pydicom.uid.JPEGBaseline8Bit
    data.save_as(path)
    assert np.abs(read_film(path).pixels.numpy() - grey).max() <= 3


@pytest.mark.parametrize(
    ("header", "view"),
    [
        ({"ViewPosition": "PA"}, "pa"),
        ({"ViewPosition": "AP"}, "ap"),
        ({"ViewPosition": "LL"}, "left_lateral"),
        ({"ViewPosition": "RL"}, "right_lateral"),
        ({"ViewPosition": "LATERAL"}, "lateral"),
        ({"ViewPosition": "LATERAL", "ImageLaterality": "R"}, "right_lateral"),
        ({"ViewPosition": "LATERAL", "Laterality": "L"}, "left_lateral"),
        ({"ViewPosition": "XX"}, None),
        ({}, None),
    ],
)
def test_the_header_names_the_view(write_film, shades, header, view):
    assert read_film(write_film(shades, **header)).view == view


def test_patient_orientation_gives_the_directions(write_film, shades):
    assert read_film(write_film(shades, PatientOrientation=["L", "FP"])).axes == ("L", "F")
    assert read_film(write_film(shades)).axes is None


@pytest.mark.parametrize(
    ("header", "mm", "at_film"),
    [
        ({"ImagerPixelSpacing": [0.2, 0.4]}, (0.2, 0.4), True),
        ({"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.15, 0.15]}, (0.15, 0.15), False),
        (
            {
                "ImagerPixelSpacing": [0.2, 0.2],
                "DistanceSourceToDetector": 1800,
                "DistanceSourceToPatient": 1500,
            },
            (0.2 / 1.2, 0.2 / 1.2),
            False,
        ),
        (
            {"ImagerPixelSpacing": [0.3, 0.3], "EstimatedRadiographicMagnificationFactor": 1.5},
            (0.2, 0.2),
            False,
        ),
        ({"PixelSpacing": [0, 0]}, None, False),
        ({}, None, False),
    ],
)
def test_pitch_is_the_films_unless_the_header_knows_that_of_the_patients_plane(
    write_film, shades, header, mm, at_film
):
    found = read_film(write_film(shades, **header))
    assert found.mm == (pytest.approx(mm) if mm else None) and found.at_film is at_film


def test_transmitted_counts_are_known_by_their_header(write_film, shades):
    header = {"PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": 1}
    film = read_film(write_film(shades, **header))
    assert film.grey == "counts" and np.array_equal(film.pixels.numpy(), shades)
    stored = {**header, "PhotometricInterpretation": "MONOCHROME1"}
    assert np.array_equal(read_film(write_film(shades, **stored)).pixels.numpy(), shades)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"Modality": "CT"}, r"modality CT \(a slice, not an X-ray\)"),
        ({"Modality": "US"}, "modality US: give a radiograph"),
        ({"NumberOfFrames": 2, "Rows": 30}, "2 frames in one file"),
    ],
)
def test_what_is_no_radiograph_is_refused(write_film, shades, header, said):
    with pytest.raises(DataError, match=said):
        read_film(write_film(shades, **header))


def test_cut_and_encrypted_files_are_refused(write_film, shades, tmp_path):
    path = write_film(shades)
    for size in (400, path.stat().st_size // 2):
        (tmp_path / "cut.dcm").write_bytes(path.read_bytes()[:size])
        with pytest.raises(DataError, match="code: file-damaged"):
            read_film(tmp_path / "cut.dcm")
    envelope = bytes.fromhex("3080 0609 2a864886f70d010703 a080") + bytes(500)
    (tmp_path / "sealed.dcm").write_bytes(envelope)
    with pytest.raises(DataError, match="code: encrypted"):
        read_film(tmp_path / "sealed.dcm")


def test_no_identity_leaves_the_header(write_film, shades):
    film = read_film(write_film(shades))
    assert "doe" not in repr(film).lower() and not film.cautions
    (caution,) = read_film(write_film(shades, "doe_chest.dcm")).cautions
    assert caution.code == "name" and "doe" not in caution.text.lower()


@pytest.mark.real
def test_the_real_radiograph_is_read_as_its_header_says(real):
    film = read_film(real / "xrays/nema_rg1_frontal_pa/RG1_J2KI.dcm")
    assert (film.view, film.axes, film.mm, film.grey) == ("pa", ("L", "F"), None, "bone_bright")
    assert film.pixels.shape == (1955, 1841)
    rows, columns = film.pixels.shape
    spine = film.pixels[rows // 3, columns // 2 - 40 : columns // 2 + 40].mean()
    lung = film.pixels[rows // 3, columns // 4 - 40 : columns // 4 + 40].mean()
    assert spine > lung  # bone is bright
