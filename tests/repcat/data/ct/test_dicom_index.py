from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from repcat.data.ct.dicom_index import find_series
from repcat.data.ct.reader import read_series
from repcat.errors import DataError

Writer = Callable[..., list[Path]]


def reasons(paths: list[Path]) -> str:
    series, refusals = find_series(paths)
    assert not series
    return " | ".join(r.reason for r in refusals)


def noise(slices: int = 12) -> np.ndarray:
    return np.random.default_rng(0).integers(-1000, 500, (slices, 8, 8)).astype(np.int16)


@pytest.mark.parametrize("order", [1, -1])
def test_axial_slices_are_stacked_by_position_not_by_name(
    write_series: Writer, marked: np.ndarray, order: int
) -> None:
    (series,), refusals = find_series(write_series(marked, origin=(1, 2, 3))[::order])
    volume = read_series(series.paths)
    assert not refusals
    assert np.array_equal(volume.hu.numpy(), marked)
    assert volume.spacing_mm == pytest.approx((5, 2, 3))
    assert volume.centre_mm == pytest.approx((1 + 3 * 3.5, 2 + 2 * 4.5, 3 + 5 * 5.5))
    assert series.notes == ("kernel B40f", "12 slices, 5 mm apart")


@pytest.mark.parametrize(
    ("plane", "stacked", "shown"),
    [
        # how a volume (z, y, x) becomes (slices, rows, columns) along the plane's normal
        ("coronal", (1, 0, 2), (1, -1, 1)),
        ("sagittal", (2, 0, 1), (-1, -1, 1)),
        ("feet on the right", (0, 1, 2), (1, -1, -1)),
    ],
)
def test_every_plane_is_turned_to_the_patients_axes(
    write_series: Writer,
    marked: np.ndarray,
    plane: str,
    stacked: tuple[int, ...],
    shown: tuple[int, ...],
) -> None:
    flips = tuple(slice(None, None, s) for s in shown)
    (series,), _ = find_series(
        write_series(marked.transpose(stacked)[flips], plane=plane, mm=(6, 2, 3))
    )
    volume = read_series(series.paths)
    assert np.array_equal(volume.hu.numpy(), marked)
    by_axis = dict(zip(stacked, (6, 2, 3), strict=True))
    assert volume.spacing_mm == pytest.approx(tuple(by_axis[a] for a in range(3)))


def test_two_kernels_and_two_patients_of_one_folder_are_told_apart(write_series: Writer) -> None:
    paths = write_series(noise())
    paths += write_series(noise(), ConvolutionKernel="B70f")
    paths += write_series(noise(), PatientID="ROE-78")
    series, refusals = find_series(paths)
    assert not refusals
    found = [({s.patient for s in one.slices}, one.notes[0]) for one in series]
    assert found == [
        ({"DOE-77"}, "kernel B40f"),
        ({"DOE-77"}, "kernel B70f"),
        ({"ROE-78"}, "kernel B40f"),
    ]


def test_missing_slices_are_counted_and_their_neighbours_named(write_series: Writer) -> None:
    paths = write_series(noise(20))
    gone = reasons([p for n, p in enumerate(paths) if n not in {4, 9, 10, 11}])
    assert "4 slices are missing: 1 between 003.dcm and 005.dcm" in gone
    assert "3 between 008.dcm and 012.dcm" in gone


def test_positions_held_twice_are_refused_and_copies_of_a_file_are_not(
    write_series: Writer,
) -> None:
    paths = write_series(noise())
    copies = [p.with_name(f"copy_of_{p.name}") for p in paths[:3]]
    for path, copy in zip(paths, copies, strict=False):
        copy.write_bytes(path.read_bytes())
    (series,), _ = find_series(paths + copies)
    assert series.paths == tuple(paths)
    assert series.notes[0] == "3 files are copies of another: left out"
    assert "3 slices lie where another lies" in reasons(paths + write_series(noise(3)))
    assert "12 slices lie where another lies" in reasons(paths + write_series(noise()))


def test_a_slice_of_another_plane_in_a_series_is_left_out_with_a_note(
    write_series: Writer,
) -> None:
    paths = write_series(noise())
    (series,), refusals = find_series(paths + write_series(noise(1), plane="coronal"))
    assert series.paths == tuple(paths)
    assert not refusals
    assert series.notes[0] == "1 of its slices has another plane or matrix: left out"


def test_printed_decimals_do_not_split_a_series(write_series: Writer) -> None:
    paths = write_series(noise(6))
    tilt = [1, 0.0004, 0, -0.0004, 1, 0]
    paths += write_series(noise(6), origin=(0, 0, 30), ImageOrientationPatient=tilt)
    (series,), _ = find_series(paths)
    assert len(series.paths) == 12


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"Modality": "PT"}, "12 files left out: modality PT: only CT"),
        ({"Modality": "SEG"}, "modality SEG"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "a localizer"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "a screen shot"),
        ({"ImagePositionPatient": None}, "no position, orientation or pixel spacing"),
        ({"PixelSpacing": None}, "no position, orientation or pixel spacing"),
        ({"PixelSpacing": [0, 0]}, "no pixel spacing above 0"),
        ({"PixelSpacing": [-2, -3]}, "no pixel spacing above 0"),
        ({"ImageOrientationPatient": [0] * 6}, "rows and columns are not at right angles"),
        ({"ImageOrientationPatient": [1, 0, 0, 0.7, 0.7, 0]}, "not at right angles"),
    ],
)
def test_what_is_no_ct_slice_is_left_out(
    write_series: Writer, header: dict[str, object], words: str
) -> None:
    assert words in reasons(write_series(noise(), **header))


def test_a_single_slice_a_thin_slab_and_a_mask_are_refused(write_series: Writer) -> None:
    assert "a single slice: give the folder" in reasons(write_series(noise(1), "one"))
    assert "8 slices span 35 mm, less than 40" in reasons(write_series(noise(8), "slab"))
    mask = (noise() > 0).astype(np.int16)
    assert "a mask or a label map" in reasons(write_series(mask, "mask"))
    grey = np.abs(noise()) % 256
    assert "8-bit grey values" in reasons(write_series(grey, "grey"))


def test_uneven_and_leaning_stacks_are_refused(write_series: Writer) -> None:
    uneven = write_series(noise(8), "uneven")
    uneven += write_series(noise(8), "uneven", origin=(0, 0, 39), mm=(4, 2, 3))
    assert "slices lie unevenly, 4 to 5 mm apart" in reasons(uneven)
    leaning = [
        path
        for n in range(12)
        for path in write_series(noise(1), "leaning", origin=(0, 1.34 * n, 5 * n))
    ]
    assert "the gantry was tilted by 15.0 degrees" in reasons(leaning)


def test_a_file_that_was_cut_short_is_named_and_leaves_a_gap(write_series: Writer) -> None:
    paths = write_series(noise())
    paths[4].write_bytes(paths[4].read_bytes()[:700])
    _, (damaged, gap) = find_series(paths)
    assert damaged.paths == (paths[4],)
    assert "the file is cut short or damaged" in damaged.reason
    assert "1 slice is missing: 1 between 003.dcm and 005.dcm" in gap.reason


def test_a_slice_that_goes_bad_after_it_was_found_is_named(write_series: Writer) -> None:
    paths = write_series(noise())
    (series,), _ = find_series(paths)
    paths[2].write_bytes(paths[2].read_bytes()[:700])
    with pytest.raises(DataError, match=r"the pixels of 002\.dcm cannot be decoded"):
        read_series(series.paths)


def test_blank_uids_let_the_folder_stand_for_the_series(write_series: Writer) -> None:
    blank = {"SeriesInstanceUID": "", "PatientID": "", "StudyInstanceUID": ""}
    paths = write_series(noise(), "a", **blank) + write_series(noise(), "b", **blank)
    series, refusals = find_series(paths)
    assert not refusals
    assert [s.paths[0].parent.name for s in series] == ["a", "b"]
    assert series[0].notes[0] == "the series UID is blank: files were grouped by folder"


def test_padding_is_air_and_rescaling_is_applied(write_series: Writer) -> None:
    pixels = noise()
    pixels[:, 0, 0] = -1024
    slope = {"RescaleSlope": "2", "RescaleIntercept": "-2048"}
    (series,), _ = find_series(write_series(pixels, **slope))
    volume = read_series(series.paths)
    assert volume.notes == ("padding -2048 set to -1024",)
    assert np.array_equal(volume.hu.numpy(), np.maximum(2 * pixels.astype(int), -1024))


@pytest.mark.parametrize("slope", ["1e308", "-1", "0", "5000"])
def test_a_rescale_slope_that_no_scanner_writes_is_refused(
    write_series: Writer, marked: np.ndarray, slope: str
) -> None:
    assert "rescale slope" in reasons(write_series(marked, RescaleSlope=slope))
