"""Pictures show people the right way round."""

import torch

from repcat.figures.planes import slices


def test_slices_have_the_head_up_the_front_up_and_the_patients_left_on_the_right():
    volume = torch.zeros(4, 4, 4)
    volume[3, 2, 3] = 1  # head, middle of front to back, patient's left
    volume[2, 0, 3] = 2  # middle height, front, patient's left
    volume[3, 0, 2] = 3  # head, front, middle
    shown = slices(volume)
    assert shown["coronal"][0, 3] == 1
    assert shown["axial"][0, 3] == 2
    assert shown["sagittal"][0, 0] == 3  # a lateral faces left
