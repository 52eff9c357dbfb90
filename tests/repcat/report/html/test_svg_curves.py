"""Courses as SVG that parses, whatever was logged."""

import math
from xml.etree import ElementTree

from repcat.report.html.svg_curves import charts

COURSE = [(k, 10.0 ** (-k / 100)) for k in range(1, 2001)]


def test_a_course_becomes_a_line_with_its_first_and_last_value_told():
    (figure,) = ElementTree.fromstring(charts({"loss_of_model": COURSE}))
    assert "loss of model" in figure[0].get("aria-label") and "step 2000" in figure[0][0].text
    assert "log scale" in figure[1].text  # values span 20 decades
    points = figure[0].find("polyline").get("points").split()
    places = [tuple(map(float, p.split(","))) for p in points]
    assert len(places) <= 402
    assert all(0 <= x <= 330 and 0 <= y <= 210 for x, y in places)
    assert places[0][1] < places[-1][1]  # falling: further down


def test_scores_come_first_and_what_is_not_finite_is_left_out(hostile):
    drawn = charts(
        {"a": [(1, 2.0), (2, math.nan)], "validation_psnr": [(5, 9.0)], "b": [(1, math.inf)]}
    )
    titles = [f[0].get("aria-label") for f in ElementTree.fromstring(drawn)]
    assert [t.split(":")[0] for t in titles] == ["validation psnr", "a"]
    assert "<script" not in charts({hostile: [(1, 1.0)]})
