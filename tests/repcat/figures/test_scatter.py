"""Runs as points."""

from repcat.figures.scatter import Point, _markers, draw
from repcat.scoring.intervals import bootstrap
from repcat.scoring.metric_info import COLUMNS

NEAR, FAR = bootstrap([20.0, 21.0]), bootstrap([0.4, 0.5])


def test_a_transpose_is_a_star_and_a_rotation_a_triangle_as_in_figure_7(tmp_path):
    points = [
        Point(f"{align} {n}", "lidc", n, align, n == 8, NEAR, FAR)
        for n in (2, 8)
        for align in ("transpose", "rotate", "none", "views")
    ]
    found = _markers(points)
    assert (found["transpose"], found["rotate"]) == ("*", "^")
    assert len(set(found.values())) == 4
    draw(tmp_path / "s.png", points, COLUMNS["psnr"], COLUMNS["ssim"], "t")
    assert (tmp_path / "s.png").stat().st_size > 1000
