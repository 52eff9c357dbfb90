from __future__ import annotations

import io

import pytest
import torch
from PIL import Image

from repcat.data.store.patient_file import Record
from repcat.figures.preview import draw_preview
from repcat.geometry import preset
from repcat.view import View


@pytest.mark.parametrize("views", [1, 8])
def test_a_preview_is_a_picture(views: int) -> None:
    record = Record(
        torch.zeros(16, 16, 16, dtype=torch.int16),
        torch.rand(views, 16, 16),
        preset("default", size=16, cube_mm=400),
        tuple(View(45.0 * k) for k in range(views)),
        (0.0, 0.0, 0.0),
        (1.0, 1.0, 1.0),
        notes=("a note that is long enough to be wrapped into a second line of text",),
    )
    with Image.open(io.BytesIO(draw_preview(record, "p1"))) as picture:
        assert picture.width > 600
