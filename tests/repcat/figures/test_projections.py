"""Projections show people the right way round."""

import torch

from repcat.figures.projections import Band, draw_columns, draw_rows, projections


def test_projections_have_the_head_and_the_front_up_and_the_patients_left_on_the_right():
    volume = torch.zeros(4, 4, 4)
    volume[3, 0, 3] = 4.0  # head, front, patient's left
    shown = projections(volume)
    assert shown["coronal"][0, 3] == 1  # mean over four voxels
    assert shown["sagittal"][0, 0] == 1  # faces left
    assert shown["axial"][0, 3] == 1
    assert projections(volume, "max")["coronal"][0, 3] == 4


def test_rows_and_columns_are_drawn(tmp_path):
    from PIL import Image

    truths = {"p0": torch.rand(8, 8, 8), "p1": torch.rand(8, 8, 8)}
    band = Band("blobs", truths, {"one view": truths, "two views": truths})
    draw_rows(tmp_path / "rows.png", [band, Band("other", {"p9": truths["p0"]}, {})])
    draw_columns(tmp_path / "columns.png", band, "max")
    for name in ("rows", "columns"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert picture.info["Description"] == "synthetic, research use only"
            assert min(picture.size) > 200
