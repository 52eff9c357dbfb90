"""Pictures in a page hold the pixels they were made from."""

import base64
import io

import numpy as np
import torch
from matplotlib.image import imread

from repcat.report.html import png


def pixels(address: str) -> np.ndarray:
    kind, data = address.split(",")
    assert kind == "data:image/png;base64"
    return imread(io.BytesIO(base64.b64decode(data)), "png")


def test_grey_is_what_was_given_to_eight_bits():
    image = torch.rand(5, 7)
    assert np.abs(pixels(png.grey(image)) - image.numpy()).max() <= 0.5 / 255 + 1e-6


def test_a_difference_is_blue_below_white_at_and_red_above_zero():
    below, zero, above = pixels(png.signed(torch.tensor([[-1.0, 0.0, 1.0]]), 0.2))[0, :, :3]
    assert below[2] == 1 and below[0] < 0.3
    assert (zero == 1).all()
    assert above[0] == 1 and above[2] < 0.3
