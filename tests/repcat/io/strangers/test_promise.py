from __future__ import annotations

import pytest

from repcat.errors import DataError
from repcat.io.strangers.promise import check_promise, told

MB = 10**6


@pytest.mark.parametrize(
    ("promised", "size", "packed", "code"),
    [
        (1000 * MB, 9 * MB, True, ""),  # 1 GB is allowed to any file that can hold it
        (1001 * MB, 9 * MB, True, "large-file"),
        (1100 * MB, 11 * MB, True, ""),  # and 100 times its size to a larger one
        (500 * MB, 400 * MB, False, "promise-too-large"),
        (2000 * MB, MB, True, "promise-too-large"),  # deflate packs no more than 1032 to 1
    ],
)
def test_what_a_header_promises_is_held_against_the_file(
    promised: int, size: int, packed: bool, code: str
) -> None:
    if not code:
        return check_promise(promised, size, packed=packed, large=False)
    with pytest.raises(DataError) as error:
        check_promise(promised, size, packed=packed, large=False)
    assert error.value.code == code
    return None


def test_sizes_are_told_as_people_do() -> None:
    assert [told(n) for n in (5, 2700, 2_400_000, 10**10)] == [
        "5 bytes",
        "2.7 kB",
        "2.4 MB",
        "10 GB",
    ]
