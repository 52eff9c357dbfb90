"""The example keeps to the rules of repcat, and refuses what it cannot do."""

import pytest

import repcat
from repcat.testing import check_backbone
from repcat_example import bottleneck


def test_it_keeps_to_the_rules():
    check_backbone(bottleneck)


def test_another_size_is_refused_in_one_line():
    with pytest.raises(repcat.PartError, match="code: sizes-do-not-meet"):
        bottleneck(repcat.Grid(2, (16, 16)), repcat.Grid(1, (16, 16, 16)))
