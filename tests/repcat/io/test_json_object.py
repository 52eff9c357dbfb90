import pytest

from repcat.io.json_object import parse_object

DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "text", ["3", "[1]", "null", "", b"\xff", DEEP, '{"a":' + DEEP, '{"a": ' + "9" * 5000 + "}"]
)
def test_what_is_no_object_is_a_value_error_and_never_another(text):
    with pytest.raises(ValueError, match=r"."):
        parse_object(text)


def test_an_object_is_read():
    assert parse_object(b'{"a": [1]}') == {"a": [1]}
