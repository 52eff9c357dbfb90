"""Training curves: what is gathered from a log, and what is drawn of it."""

import math
from xml.etree import ElementTree

import numpy as np
from matplotlib.image import imread

from repcat.figures.training_curves import charts, courses, draw

SVG = "{http://www.w3.org/2000/svg}"
FALLING = [(k, 10.0 ** (-k / 100)) for k in range(1, 2001)]
HOSTILE = "<script>alert(1)</script>\"'&$x$ $\\foo</title>"


def points(svg: bytes) -> np.ndarray:
    """Where the course runs: (points, 2), x to the right and y down."""
    clipped = [p for p in ElementTree.fromstring(svg).iter(f"{SVG}path") if p.get("clip-path")]
    words = clipped[-1].get("d").replace("M", " ").replace("L", " ").split()
    return np.array(words, float).reshape(-1, 2)


def test_each_quantity_is_gathered_over_its_own_steps(tmp_path):
    log = [
        {"step": 1, "seconds": 0.1, "mse": 1.0},
        {"step": 2, "seconds": 0.2, "mse": 0.5},
        {"step": 2, "validation_psnr": 20.0, "memory_gb": 1.0},
    ]
    found = courses(log)
    assert found == {"mse": [(1, 1.0), (2, 0.5)], "validation_psnr": [(2, 20.0)]}
    draw(tmp_path / "c.png", {"one": found, HOSTILE: {"mse": [(1, 2.0)], HOSTILE: [(1, 1.0)]}})
    assert imread(tmp_path / "c.png").std() > 0.05


def test_a_course_becomes_a_line_with_its_first_and_last_value_told():
    (chart,) = charts({"loss_of_model": FALLING})
    assert chart.words == "loss of model: 0.9772 at step 1, 1e-20 at step 2000"
    assert chart.caption == "loss of model (log scale): 1e-20"  # values span 20 decades
    root = ElementTree.fromstring(chart.svg)
    assert root.find(f"{SVG}title").text == chart.words
    _, _, width, height = map(float, root.get("viewBox").split())
    line = points(chart.svg)
    assert len(line) < 50  # straight on a scale of powers: 2000 points are not needed
    assert (line > 0).all() and (line < (width, height)).all()
    assert line[0, 0] < line[-1, 0] and line[0, 1] < line[-1, 1]  # falling: further down
    assert "log" not in charts({"a": [(1, 2.0), (2, 1.0)]})[0].caption


def test_a_long_noisy_course_takes_no_more_room_than_a_chart_can_show():
    noise = np.random.default_rng(0).uniform(1, 9, 20000)
    (chart,) = charts({"a": list(enumerate(noise.tolist()))})
    assert len(points(chart.svg)) < 2000
    high = points(chart.svg)[:, 1]
    assert np.ptp(high) > 90  # of 103 points of height: no spike is lost


def test_scores_come_first_and_what_is_not_finite_is_left_out():
    drawn = charts(
        {"a": [(1, 2.0), (2, math.nan)], "validation_psnr": [(5, 9.0)], "b": [(1, math.inf)]}
    )
    assert [c.caption for c in drawn] == ["validation psnr: 9", "a: 2"]


def test_an_svg_is_the_same_each_time_and_asks_for_nothing():
    one, other = (charts({HOSTILE: FALLING})[0].svg for _ in range(2))
    assert one == other
    root = ElementTree.fromstring(one)
    assert root.find(f"{SVG}title").text.startswith(HOSTILE)
    assert not {f"{SVG}script", f"{SVG}image", f"{SVG}text"} & {e.tag for e in root.iter()}
    links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")]
    assert links and all(link.startswith("#") for link in links)
    assert b"font-family" not in one and b"@import" not in one


def test_lines_of_a_damaged_log_are_left_out():
    log = [{"loss": 1}, {"step": None, "loss": 1}, {"step": 10**400, "loss": 1},
           {"step": 1, "loss": 10**400, "psnr": "x"}, {"step": 2, "loss": 0.5}]  # fmt: skip
    assert courses(log) == {"loss": [(2, 0.5)]}
