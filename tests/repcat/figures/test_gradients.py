"""Gradients with respect to the input views."""

import math

import pytest
import torch
from torch import nn

from repcat.figures.gradients import attribute, draw, slices, variabilities, variability
from repcat.models.network import Network
from repcat.types import Batch
from repcat.view import View

TWO = (View(0.0), View(90.0))


class Repeat(nn.Module):
    """Frontal along y, lateral along x, heads up in the volume."""

    def forward(self, batch):
        frontal, lateral = (x.flip(1) for x in batch.xrays.unbind(1))
        n = frontal.shape[-1]
        return torch.stack(
            (frontal[:, :, None].expand(-1, n, n, n), lateral[..., None].expand(-1, n, n, n)), 1
        )


class Pick(nn.Module):
    """Reads the frontal view's head row of one slice three times as much as the rest."""

    def forward(self, x):
        weight = torch.ones_like(x[:, :1])
        weight[:, :, -1, 4] = 3.0
        return (weight * x[:, :1] + 0 * x[:, 1:]) ** 2


def batch_of(name, n=8):
    return Batch((name,), torch.full((1, 2, n, n), 0.5), TWO, torch.zeros(1, 1, n, n, n))


def test_the_gradient_is_that_of_the_formula_and_faces_the_view():
    found = attribute(Network(Repeat(), Pick()), batch_of("a"))
    # d/dx of sum (w x)^2 is 2 w^2 x: each pixel fills 8 voxels, one of weight 3 in the head row
    assert found.xrays[0, 0, 0].item() == pytest.approx(2 * 0.5 * (7 + 9))
    assert found.xrays[0, -1, 0].item() == pytest.approx(2 * 0.5 * 8)
    assert found.xrays[1].abs().max() == 0
    assert found.stack is not None and found.stack.shape == (2, 8, 8, 8)
    assert slices(found.stack, 0, TWO[0], 6)[:, 0].amax() == 9  # the head row is up
    assert slices(found.stack, 0, TWO[0], 6)[:, 1:].amax() == 1


def test_weights_keep_no_gradient():
    layer = nn.Conv3d(2, 1, 1)
    attribute(Network(Repeat(), layer), batch_of("a"))
    assert all(p.grad is None for p in layer.parameters())


def test_a_mapper_that_gives_no_volume_has_no_slices():
    flat = nn.Module()
    flat.forward = lambda batch: batch.xrays
    back = nn.Module()
    back.forward = lambda x: x.mean(1)[:, None, None].expand(-1, 1, 8, 8, 8)
    found = attribute(Network(flat, back), batch_of("a"))
    assert found.stack is None
    assert math.isnan(variabilities([found, found], TWO)["within"])


def test_variability_is_0_of_equal_maps_and_1_of_unrelated_ones():
    one = torch.rand(8, 8)
    assert variability(torch.stack([one, 2 * one])) == pytest.approx(0, abs=1e-6)
    assert variability(torch.eye(4).reshape(4, 2, 2)) == pytest.approx(4 / 3)  # r = -1/3
    assert variability(one[None]) == 0


def test_the_figure_is_drawn(tmp_path):
    network = Network(Repeat(), Pick())
    found = [attribute(network, batch_of(name)) for name in ("a", "b")]
    draw(tmp_path / "g.png", found, TWO, "toy")
    assert (tmp_path / "g.png").stat().st_size > 1000
