"""Tables over tables: what a recipe keeps of the one it extends, and --set of both."""

import pytest

from repcat.config.load import merge


def test_merge_leaves_its_inputs_alone():
    below, above = {"a": {"x": 1}}, {"a": {"y": 2}}
    assert merge(below, above) == {"a": {"x": 1, "y": 2}}
    assert below == {"a": {"x": 1}} and above == {"a": {"y": 2}}


@pytest.mark.parametrize(
    ("below", "above", "merged"),
    [
        ({"use": "a", "x": 1}, {"use": "a", "y": 2}, {"use": "a", "x": 1, "y": 2}),
        ({"use": "a", "x": 1}, {"y": 2}, {"use": "a", "x": 1, "y": 2}),
        ({"use": "a", "x": 1}, {"use": "b", "y": 2}, {"use": "b", "y": 2}),
        ({"x": 1}, {"use": "b", "y": 2}, {"use": "b", "y": 2}),
        ({"x": {"use": "a", "z": 1}}, {"x": {"use": "b"}}, {"x": {"use": "b"}}),
        ({"x": {"z": {"w": 1}}}, {"x": {"z": {"v": 2}}}, {"x": {"z": {"w": 1, "v": 2}}}),
        ({"x": {"z": 1}}, {"x": [3]}, {"x": [3]}),
        ({"x": [1, 2]}, {"x": {"z": 1}}, {"x": {"z": 1}}),
    ],
)
def test_a_table_that_keeps_its_part_is_merged_and_any_other_replaced(below, above, merged):
    assert merge({"table": below, "other": 1}, {"table": above}) == {"table": merged, "other": 1}
