"""Places are cut to their last names, own files' names taken out."""

import pytest

from repcat.report.html.redact import plain, short, without


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("/home/doe/runs/q", ".../q"),
        ("~/runs/q", ".../q"),
        (r"C:\Users\doe\q", ".../q"),
        ("runs/q", "runs/q"),
        ("repcat", "repcat"),
        ("/", "..."),
    ],
)
def test_a_path_from_a_root_or_a_home_is_cut(given, shown):
    assert short(given) == shown


def test_places_within_a_text_or_a_table_are_cut():
    told = {
        "command": ["repcat", "--set", "data.path = '/home/doe/data/lidc'"],
        "n": 3,
        "p": "/a/b",
    }
    assert plain(told) == {
        "command": ["repcat", "--set", "data.path = '.../lidc'"],
        "n": 3,
        "p": ".../b",
    }
    assert plain("1/2 of 3/4, 15 mm/s") == "1/2 of 3/4, 15 mm/s"


def test_a_file_name_goes_with_and_without_its_folder_and_ending():
    text = "/x/DOE JANE.png, DOE JANE.png and DOE JANE"
    assert without(text, ["/x/DOE JANE.png"], "file 1") == "file 1, file 1 and file 1"
