"""Pictures show people the right way round."""

import torch

from repcat.report import figures


def test_slices_have_the_head_up_the_front_up_and_the_patients_left_on_the_right():
    volume = torch.zeros(4, 4, 4)
    volume[3, 2, 3] = 1  # head, middle of front to back, patient's left
    volume[2, 0, 3] = 2  # middle height, front, patient's left
    volume[3, 0, 2] = 3  # head, front, middle
    shown = figures.slices(volume)
    assert shown["coronal"][0, 3] == 1
    assert shown["axial"][0, 3] == 2
    assert shown["sagittal"][0, 0] == 3  # a lateral faces left


def test_pictures_are_written_whole_and_say_what_they_are(tmp_path):
    from PIL import Image

    path = tmp_path / "a.png"
    figures.patient(
        path, torch.rand(2, 8, 8), {"truth": torch.zeros(8, 8, 8)}, title="t", views=["0", "90"]
    )
    figures.curves(tmp_path / "b.png", [{"step": 1, "mse": 1.0}, {"step": 2, "mse": 0.5}])
    with Image.open(path) as picture:
        assert picture.info["Description"] == "synthetic, research use only"
        assert min(picture.size) > 200
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "b.png"]
