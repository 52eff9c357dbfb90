"""What else lies in the beam, and where it ends."""

import math

import pytest
import torch

from repcat.data.film.scene import HUMERUS, HUMERUS_MM, WATER, Field, Frame, arm, clothing
from repcat.rng import generator

FRAME = Frame((64, 64), (6.0, 6.0))


def test_an_arm_is_as_thick_as_told_at_most_and_its_bone_is_within():
    most = 80 * WATER + HUMERUS_MM * HUMERUS
    drawn = [arm(FRAME, 80.0, generator("arm", k)) for k in range(40)]
    for flesh, bone in drawn:
        assert bone.min() >= 0 and (bone <= flesh + 1e-6).all() and flesh.max() <= most
    assert max(flesh.max().item() for flesh, _ in drawn) > 0.8 * most
    assert all(bone.max() <= HUMERUS_MM * (WATER + HUMERUS) for _, bone in drawn)


def test_an_arm_stands_at_a_side_and_leaves_the_middle():
    columns = torch.stack([arm(FRAME, 80.0, generator("side", k))[0].sum(0) for k in range(60)])
    share = columns.mean(0) / columns.mean(0).max()
    assert share[28:36].max() < 0.2 and min(share[:8].max(), share[-8:].max()) > 0.5


def test_lines_run_as_their_angle_says():
    down = FRAME.about_line((0.0, 12.0), 0.0)[0]
    assert torch.allclose(down, down[:1].expand(64, 64)) and down[0].argmin() in (33, 34)
    across, along = FRAME.about_line((12.0, 0.0), math.pi / 2)
    assert torch.allclose(across, across[:, :1].expand(64, 64), atol=1e-3)
    assert along[0, 0].item() == pytest.approx(189, abs=1e-3)


def test_clothing_adds_a_little_in_a_few_places():
    for k in range(20):
        worn = clothing(FRAME, 4, generator("worn", k))
        assert worn.min() == 0 and 0 < worn.max() <= 4 * 1.5
        assert (worn > 0).float().mean() < 0.25


def test_metal_finer_than_a_pixel_fills_its_share():
    fine, coarse = Frame((400, 400), (1.0, 1.0)), Frame((50, 50), (8.0, 8.0))
    for k in range(5):
        sums = [clothing(f, 1, generator("fine", k)).sum() * f.mm[0] ** 2 for f in (fine, coarse)]
        assert sums[1].item() == pytest.approx(sums[0].item(), rel=0.4)


def test_a_field_loses_so_many_mm_a_side_at_most():
    lost = [Field.drawn(FRAME, 30.0, generator("field", k)) for k in range(100)]
    assert {f.top for f in lost} == {0, 1, 2, 3, 4} == {63 - f.right for f in lost}
    small = Field.drawn(Frame((9, 9), (1.0, 1.0)), 200.0, generator("small"))
    assert small.bottom - small.top >= 2


def test_beyond_a_field_is_nothing_or_its_edge():
    image = torch.arange(36.0).reshape(6, 6)
    field = Field(1, 4, 2, 3)
    assert field.mask(image).sum() == 8 and field.mask(image)[1, 2] == 1
    on = field.edges_go_on(image)
    assert on[0].tolist() == [8, 8, 8, 9, 9, 9] and on[5, 5] == 27
