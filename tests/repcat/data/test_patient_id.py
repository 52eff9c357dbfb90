from __future__ import annotations

import pytest

from repcat.data.patient_id import check_ids, is_id
from repcat.errors import DataError


@pytest.mark.parametrize("text", ["p0", "LIDC-IDRI-0001.2", "n" * 100 + "-12", "_a", "-", "a.nii"])
def test_an_id_of_plain_letters_is_one(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    ["../../../PWN", "/x/y/PWN2", "..", ".", ".hidden", "a/b", "a\\b", "", "a b", "a\n", "a.",
     "\u00e9",     "n" * 300, "CON", "nul.txt", "com1", "<b>x</b>", "a\x00", None],
)  # fmt: skip
def test_an_id_that_is_a_path_a_device_or_no_name_is_none(text: object) -> None:
    assert not is_id(text)


def test_a_strange_id_is_told_in_a_short_line() -> None:
    with pytest.raises(DataError, match="code: unsafe-id") as caught:
        check_ids({"test": ["ok", "x" * 200_000]}, "patients.csv")
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("splits", "said"),
    [({"train": ["a"], "test": ["b", "A"]}, "A is in train and in test"),
     ({"test": ["a", "a"]}, "a is twice in test")],
)  # fmt: skip
def test_a_patient_is_once_in_one_split(splits: dict[str, list[str]], said: str) -> None:
    with pytest.raises(DataError, match=said):
        check_ids(splits, "here")
