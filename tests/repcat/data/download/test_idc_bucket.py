"""A series comes whole or not at all, from a real server on this machine, by the real s5cmd."""

import pytest

from repcat.data.download.collections import find
from repcat.data.download.download import make_order
from repcat.data.download.idc_bucket import download, fault_of
from repcat.errors import DataError


def holds_nothing(folder):
    return not [path for path in folder.rglob("*") if path.is_file()]


def test_a_series_comes_byte_for_byte(series, bucket, tmp_path):
    one = series[0]
    download(one, tmp_path / "in", bucket.address)
    folder = tmp_path / "in" / one.folder
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        key.rpartition("/")[2]: bucket.files[key] for key in bucket.keys(one)
    }
    assert not fault_of(one, folder)


def test_real_series_weigh_what_the_index_says(real, bucket, tmp_path):
    """The rule takes the very series of Lung-PET-CT-Dx that lie beside the project."""
    chosen = {one.patient: one for one in make_order(find("lung_pet_ct_dx")).wanted}
    for name in ("A0001", "A0002"):
        one = chosen[f"Lung_Dx-{name}"]
        folder = real / f"dicom/lungpetctdx_{name.lower()}"
        assert bucket.put(one, {p.name: p.read_bytes() for p in folder.iterdir()}) == one
        download(one, tmp_path / "in", bucket.address)


@pytest.mark.parametrize("fault", ["cut", "refused"])
def test_a_file_that_does_not_come_leaves_nothing(series, bucket, tmp_path, fault):
    getattr(bucket, fault).add(bucket.keys(series[0])[10])
    with pytest.raises(DataError, match="unexpected EOF" if fault == "cut" else "AccessDenied"):
        download(series[0], tmp_path / "in", bucket.address)
    assert holds_nothing(tmp_path / "in")


def test_a_series_that_misses_a_file_in_the_bucket_is_refused(series, bucket, tmp_path):
    del bucket.files[bucket.keys(series[0])[0]]
    with pytest.raises(DataError, match="31 of 32 files came"):
        download(series[0], tmp_path / "in", bucket.address)
    assert holds_nothing(tmp_path / "in")


def test_a_file_that_is_truncated_in_the_bucket_is_refused(series, bucket, tmp_path):
    key = bucket.keys(series[0])[0]
    bucket.files[key] = bucket.files[key][:-100]
    with pytest.raises(DataError, match=f"and the index says {series[0].size:,}"):
        download(series[0], tmp_path / "in", bucket.address)
    assert holds_nothing(tmp_path / "in")


def test_a_series_that_the_bucket_has_not_is_told(series, bucket, tmp_path):
    bucket.files.clear()
    with pytest.raises(DataError, match="code: download-failed"):
        download(series[0], tmp_path / "in", bucket.address)


def test_a_bucket_that_is_not_there_is_told(series, tmp_path):
    with pytest.raises(DataError, match="code: download-failed"):
        download(series[0], tmp_path / "in", "http://127.0.0.1:9")


def test_a_folder_with_odd_letters_is_no_pattern(series, bucket, tmp_path):
    out = tmp_path / "in [1] * 'x'; y"
    download(series[0], out, bucket.address)
    assert not fault_of(series[0], out / series[0].folder)
