from __future__ import annotations

from pathlib import Path

import pytest

from repcat.data.prepare.split_files import read_lists
from repcat.data.prepare.split_lists import Lists, Member
from repcat.data.prepare.splits import empty_splits, parse_split
from repcat.errors import DataError, RecipeError


def people(n: int, scans: int = 1) -> list[Member]:
    return [
        Member(f"p{k}-{s}", f"p{k}/s{s}.nii.gz", f"patient{k}")
        for k in range(n)
        for s in range(scans)
    ]


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def counts(places: dict[str, str]) -> list[int]:
    return [list(places.values()).count(s) for s in ("train", "validation", "test")]


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, [1, 0, 0]), (2, [1, 1, 0]), (3, [1, 1, 1]), (4, [2, 1, 1]), (10, [8, 1, 1]),
     (20, [16, 2, 2])],
)  # fmt: skip
def test_shares_leave_no_split_empty_from_three_patients_on(n: int, expected: list[int]) -> None:
    assert counts(parse_split(".8,.1,.1").assign(people(n))) == expected


def test_a_share_of_zero_gets_nobody() -> None:
    assert counts(parse_split(".8,0,.2").assign(people(10))) == [8, 0, 2]


def test_scans_of_a_patient_stay_together() -> None:
    members = people(7, scans=3)
    places = parse_split(".5,.2,.3").assign(members)
    for patient in {m.patient for m in members}:
        assert len({places[m.id] for m in members if m.patient == patient}) == 1


def test_shares_depend_on_the_seed_and_on_nothing_else() -> None:
    members = people(30)
    first = parse_split(".8,.1,.1", 0).assign(members)
    assert parse_split(".8,.1,.1", 0).assign(members[::-1]) == first
    assert parse_split(".8,.1,.1", 1).assign(members) != first


@pytest.mark.parametrize("text", [".8,.1", "a,b,c", ".8,.8,.1", "nan,0,1", "1.5,-.5,0", ""])
def test_shares_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(RecipeError, match="code: not-a-split"):
        parse_split(text)


def test_published_lists_find_scans_by_folder_and_stem(tmp_path: Path) -> None:
    train = write(tmp_path / "train.txt", "LIDC-IDRI-0001.20000101.3000566.1 0.5 extra", "")
    test = write(tmp_path / "test.txt", "/data/LIDC-IDRI-0003.2000.1/ct_xray_data.h5", "c.nii.gz")
    members = [
        Member("a", "LIDC-IDRI-0001.20000101.3000566.1/ct_xray_data.h5", "1"),
        Member("b", "x/LIDC-IDRI-0003.2000.1/ct_xray_data.h5", "3"),
        Member("c9", "sub/c.nii.gz", "4"),
        Member("d", "sub/unlisted.nii.gz", "5"),
        Member("a-2", "other/scan.nii.gz", "1"),
    ]
    places = parse_split(f"train={train},test={test}").assign(members)
    assert places == {"a": "train", "b": "test", "c9": "test", "a-2": "train"}


def test_patient_0442_of_the_published_lists_is_refused(tmp_path: Path) -> None:
    train = write(tmp_path / "train.txt", "LIDC-IDRI-0442.20000101.4.1", "LIDC-IDRI-0001.2.1")
    test = write(tmp_path / "test.txt", "LIDC-IDRI-0442.20000101.9.1")
    with pytest.raises(DataError, match=r"patient LIDC-IDRI-0442 is in two splits"):
        parse_split(f"train={train},test={test}")


def test_two_scans_of_one_patient_in_two_lists_are_refused(tmp_path: Path) -> None:
    table = write(tmp_path / "s.csv", "id,split", "one,train", "two,val")
    members = [Member("x", "one.nii.gz", "same"), Member("y", "two.nii.gz", "same")]
    with pytest.raises(DataError, match="code: split-lists-disagree"):
        parse_split(str(table)).assign(members)


def test_names_that_many_scans_share_need_their_folder(tmp_path: Path) -> None:
    table = write(tmp_path / "s.csv", "id,split", "s1/ct.nii.gz,train", "s2/ct.nii.gz,test")
    members = [Member(f"i{k}", f"s{k}/ct.nii.gz", f"s{k}") for k in (1, 2, 3)]
    assert parse_split(str(table)).assign(members) == {"i1": "train", "i2": "test"}


def test_a_dataset_names_its_scans_by_id(tmp_path: Path) -> None:
    table = write(tmp_path / "patients.csv", "id,split,source", "p1-0,test,x", "p0-0,train,y")
    assert parse_split(str(table)).assign(people(2)) == {"p1-0": "test", "p0-0": "train"}


@pytest.mark.parametrize("lines", [["name,where", "a,train"], ["id,split", "a,exam"]])
def test_a_table_must_say_id_and_split(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(DataError, match=r"s\.csv"):
        parse_split(str(write(tmp_path / "s.csv", *lines)))


def test_a_list_that_is_not_there_is_named() -> None:
    with pytest.raises(DataError, match="code: split-unreadable"):
        parse_split("train=nowhere.txt")


def test_a_table_from_excel_is_read(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(b"\xef\xbb\xbfid,split\r\na,train\r\n")
    places = parse_split(str(tmp_path / "s.csv")).assign([Member("a", "a.nii", "1")])
    assert places == {"a": "train"}


def listed(tmp_path: Path, *names: str) -> Lists:
    return read_lists(f"train={write(tmp_path / 'train.txt', *names)}")


def test_a_typo_in_a_list_is_refused_with_the_name_that_was_meant(tmp_path: Path) -> None:
    split = listed(tmp_path, "p0", "patiant1/s0.nii.gz")
    members = [Member("p0", "p0/s0.nii.gz", "0"), Member("x", "patient1/s0.nii.gz", "1")]
    with pytest.raises(DataError, match=r"'patiant1/s0' names no scan; did you mean 'patient1/s0'"):
        split.absent(members)


def test_a_name_that_matches_nothing_at_all_is_remarked(tmp_path: Path) -> None:
    (remark,) = listed(tmp_path, "p0-0", "nosuchpatient").absent(people(2))
    assert "1 of the 2 names" in remark and "first: 'nosuchpatient'" in remark


def test_a_list_of_a_large_collection_may_name_what_was_not_downloaded(tmp_path: Path) -> None:
    split = listed(tmp_path, *(f"p{k}-0" for k in range(900)))
    members = [m for m in people(101) if m.id != "p50-0"] + [Member("p950-0", "q/s.nii", "950")]
    (remark,) = split.absent(members)
    assert "800 of the 900 names" in remark and "first: 'p50-0'" in remark


def test_a_list_whose_names_all_are_there_is_not_remarked(tmp_path: Path) -> None:
    assert listed(tmp_path, "p0-0", "p1/s0.nii.gz", "p1-0").absent(people(2)) == []
    assert parse_split(".8,.1,.1").absent(people(2)) == []


def test_splits_that_were_asked_for_and_are_empty_are_remarked(tmp_path: Path) -> None:
    (remark,) = empty_splits(parse_split(".8,.1,.1"), ["train"], 1)
    assert remark == "no validation and no test patient came of 1 scan by --split 0.8,0.1,0.1"
    assert empty_splits(parse_split("0,0,1"), ["test"], 1) == []
    assert "no train" in empty_splits(listed(tmp_path, "a"), ["test"], 2)[0]


@pytest.mark.parametrize("text", [f"id,split\n{'x' * 200_000},train\n", "split,id\ntrain\n"])
def test_a_table_that_makes_no_sense_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.csv").write_text(text)
    try:
        assert parse_split(str(tmp_path / "s.csv")).absent(people(2))
    except DataError as error:
        assert len(str(error)) < 300
