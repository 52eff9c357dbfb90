"""Pictures of patients."""

import torch

from repcat.figures.patient import draw_patient


def test_pictures_are_written_whole_and_say_what_they_are(tmp_path):
    from PIL import Image

    path = tmp_path / "a.png"
    draw_patient(
        path, torch.rand(2, 8, 8), {"truth": torch.zeros(8, 8, 8)}, title="t", views=["0", "90"]
    )
    with Image.open(path) as picture:
        assert picture.info["Description"] == "synthetic, research use only"
        assert min(picture.size) > 200
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png"]
