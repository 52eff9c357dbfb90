"""Pictures in a page hold the pixels they were made from."""

import io

import numpy as np
import torch
from PIL import Image

from repcat.report.html import png


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data), formats=["png"]) as picture:
        return np.asarray(picture)


def test_grey_is_what_was_given_to_eight_bits():
    image = torch.rand(5, 7)
    assert (pixels(png.grey(image)) == (image * 255).round().numpy()).all()
    assert pixels(png.grey(torch.tensor([[-1.0, 2.0]]))).tolist() == [[0, 255]]


def test_a_difference_is_blue_below_white_at_and_red_above_zero():
    below, zero, above = pixels(png.signed(torch.tensor([[-1.0, 0.0, 1.0]]), 0.2))[0]
    assert below.tolist() == [33, 51, 255]  # 1 - .87, 1 - .8, 1 of 255
    assert zero.tolist() == [255, 255, 255]
    assert above.tolist() == [255, 51, 43]  # 1, 1 - .8, 1 - .83
