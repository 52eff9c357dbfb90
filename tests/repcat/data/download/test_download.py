"""A download that goes on where it was, tells what failed, and says what is in its folder."""

import shutil
import tomllib
from dataclasses import replace

import pytest

from repcat.data.download.download import PATIENCE, carry_out, check_room
from repcat.data.download.selection import Selection
from repcat.errors import DataError


def read_source(order):
    return tomllib.loads((order.out / "SOURCE.toml").read_text())


def test_what_is_whole_is_not_asked_for_again(order, bucket):
    assert carry_out(replace(order, wanted=order.wanted[:1]), bucket.address) == []
    bucket.asked.clear()
    assert carry_out(order, bucket.address) == []
    assert len(bucket.got) == 64 and not order.missing  # the other two patients
    bucket.asked.clear()
    assert carry_out(order, bucket.address) == []
    assert bucket.asked == []


def test_a_series_that_lost_a_file_is_downloaded_again(order, bucket):
    carry_out(order, bucket.address)
    next((order.out / order.wanted[1].folder).glob("*.dcm")).unlink()
    assert order.missing == (order.wanted[1],)
    carry_out(order, bucket.address)
    assert not order.missing


def test_a_failure_is_told_and_the_others_come_and_the_next_call_takes_it(order, bucket):
    bucket.refused.add(bucket.keys(order.wanted[1])[0])
    (failure,) = carry_out(order, bucket.address)
    assert failure.series is order.wanted[1] and "AccessDenied" in failure.reason
    assert order.there == (order.wanted[0], order.wanted[2])
    bucket.refused.clear()
    assert carry_out(order, bucket.address) == [] and not order.missing


def test_it_stops_where_nothing_comes(order):
    many = tuple(replace(order.wanted[0], uid=f"1.{n}") for n in range(9))
    order = replace(order, wanted=many, selection=Selection(many, ()))
    assert len(carry_out(order, "http://127.0.0.1:9")) == PATIENCE
    assert not (order.out / "SOURCE.toml").exists()


def test_progress_is_told_after_each_series(order, bucket):
    told = []
    carry_out(order, bucket.address, lambda done, note: told.append((done, note)))
    assert [done for done, _ in told] == [1, 2, 3] and told[-1][1].endswith("GB")


def test_the_source_file_names_what_is_there_to_cite_and_repeat(order, bucket):
    carry_out(replace(order, wanted=order.wanted[:2]), bucket.address)
    source = read_source(order)
    assert source["cite"] == ["https://doi.org/10.7937/k9/tcia.2017.3r3fvz08"]
    assert source["licence"] == ["CC BY 3.0"] and source["collection"] == "lctsc"
    assert source["index"].startswith("idc-index-data ") and "most slices" in source["rule"]
    assert [s["uid"] for s in source["series"]] == [one.uid for one in order.wanted[:2]]
    carry_out(order, bucket.address)
    carry_out(replace(order, wanted=order.wanted[:1]), bucket.address)
    assert len(read_source(order)["series"]) == 3  # a smaller limit takes nothing away


@pytest.mark.parametrize("other", ["seed", "collection"])
def test_a_folder_of_another_selection_is_refused(order, bucket, other):
    carry_out(order, bucket.address)
    collection = replace(order.collection, id="nlst")
    changed = replace(order, seed=3) if other == "seed" else replace(order, collection=collection)
    with pytest.raises(DataError, match=f"holds series of {other} .*choose another --out"):
        carry_out(changed, bucket.address)


def test_a_disk_that_is_too_small_is_said_before_anything_is_asked(order, bucket, tmp_path):
    free = shutil.disk_usage(tmp_path).free
    big = (replace(order.wanted[0], size=free),)
    with pytest.raises(DataError, match="code: disk-space"):
        check_room(big, tmp_path)
    with pytest.raises(DataError, match="code: disk-space"):
        carry_out(replace(order, wanted=big, selection=Selection(big, ())), bucket.address)
    assert bucket.asked == []


def test_a_folder_that_cannot_be_made_is_told(order, bucket, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="code: cannot-write"):
        carry_out(replace(order, out=tmp_path / "file"), bucket.address)
