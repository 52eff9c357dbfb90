import numpy as np
import pytest
import SimpleITK as sitk

from repcat.errors import DataError
from repcat.radiographs.read import read_film

RNG = np.random.default_rng(0)


def save(path, pixels, vector=False, mm=None):
    image = sitk.GetImageFromArray(pixels, isVector=vector)
    if mm:
        image.SetSpacing(mm)
    sitk.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("kind", ["png", "tif", "mha", "nii", "nii.gz", "npy"])
@pytest.mark.parametrize("bits", [np.uint8, np.uint16])
def test_grey_values_survive_every_kind_of_file(tmp_path, shades, kind, bits):
    pixels = (shades // 12).astype(bits) if bits == np.uint8 else shades
    path = tmp_path / f"a.{kind}"
    np.save(path, pixels) if kind == "npy" else save(path, pixels)
    film = read_film(path)
    assert np.array_equal(film.pixels.numpy(), pixels)
    assert film.name == path.name and len(film.sha256) == 64 and film.grey is None


def test_a_jpeg_is_read_nearly(tmp_path, shades):
    pixels = (shades // 12).astype(np.uint8)
    found = read_film(save(tmp_path / "a.jpg", pixels)).pixels.numpy()
    assert np.abs(found - pixels).mean() < 2  # 95 % quality, ITK's default


def test_pitch_is_the_patients_in_volumes_and_the_printers_in_pictures(tmp_path, shades):
    assert read_film(save(tmp_path / "a.mha", shades, mm=(0.5, 0.25))).mm == (0.25, 0.5)
    assert read_film(save(tmp_path / "a.tif", shades, mm=(0.5, 0.25))).mm is None


def test_grey_stored_as_colour_is_read_and_colour_is_not(tmp_path, shades):
    grey = (shades // 12).astype(np.uint8)
    same = save(tmp_path / "a.png", np.stack([grey] * 3, -1), vector=True)
    assert np.array_equal(read_film(same).pixels.numpy(), grey)
    photo = RNG.integers(0, 255, (60, 50, 3)).astype(np.uint8)
    with pytest.raises(DataError, match="code: colour-picture"):
        read_film(save(tmp_path / "b.png", photo, vector=True))


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (RNG.integers(0, 999, (5, 40, 40)), "5 x 40 x 40 is a volume or a stack"),
        (np.zeros((40, 40), np.uint8), "every pixel has the same value"),
        (np.full((40, 40), np.nan), "no numbers"),
        (np.linspace(-1000, 900, 900).reshape(30, 30), "Hounsfield units: a CT slice"),
        (np.linspace(-2, 3, 900).reshape(30, 30), "line integrals are not below 0"),
        (np.full((2, 2), "x"), "rows and columns of numbers"),
        ((RNG.integers(0, 4096, (40, 40)) >> 8).astype(np.uint8), "16 grey levels"),
        ((np.arange(60)[:, None] * 300 + np.arange(60) * 157).astype(np.uint8), "16 bits were cut"),
    ],
)
def test_what_is_no_film_is_refused(tmp_path, pixels, said):
    np.save(tmp_path / "a.npy", pixels)
    with pytest.raises(DataError, match=said):
        read_film(tmp_path / "a.npy")


@pytest.mark.parametrize("kind", ["png", "jpg", "npy", "nii.gz", "mha"])
def test_a_file_that_was_cut_short_is_refused(tmp_path, kind):
    pixels, path = RNG.integers(0, 255, (60, 50)).astype(np.uint8), tmp_path / f"a.{kind}"
    np.save(path, pixels) if kind == "npy" else save(path, pixels)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=rf"a\.{kind}: "):
        read_film(path)


def test_no_file_a_folder_and_an_unknown_kind_are_told_apart(tmp_path):
    (tmp_path / "a.txt").write_text("no film")
    for name, said in (("none.png", "no such file"), (".", "a folder"), ("a.txt", "no kind of")):
        with pytest.raises(DataError, match=said):
            read_film(tmp_path / name)


def test_a_name_that_may_identify_somebody_is_told(tmp_path, shades):
    for name, told in (("DOE^JANE.npy", 1), ("19600102_chest.npy", 1), ("frontal_512.npy", 0)):
        np.save(tmp_path / name, shades)
        assert [c.code for c in read_film(tmp_path / name).cautions] == ["name"] * told
