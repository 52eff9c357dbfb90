"""Gradients by products are those of torch, to the rounding of a sum; elsewhere torch's own."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from repcat.training import conv_weight_gradient as products
from repcat.training.bf16_layers import guard_bf16

# batch, channels in and out, sides: odd ones, one channel, both ways round, one slab and several
ROUNDING = 27**0.5 * 4 * 2**-24  # of a sum of 27 x 16 products in fp32, added in any order
SHAPES = [
    (1, 1, 1, (21, 20, 23)),
    (3, 4, 2, (8, 9, 10)),
    (2, 2, 7, (5, 3, 4)),
    (1, 12, 24, (16, 16, 33)),
    (1, 24, 12, (1, 2, 3)),
    (2, 16, 16, (24, 24, 24)),
]


@pytest.fixture
def layers(monkeypatch):
    """Return a maker of a layer, and of its copy that computes by products on any CPU."""
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")

    def make(channels, out, **options):
        torch.manual_seed(0)
        layer = nn.Conv3d(channels, out, 3, padding=1, **options)
        other = deepcopy(layer)
        products.weigh_by_products(other)
        return layer, other

    return make


def gradients(layer, maps, weigh):
    maps = maps.clone().requires_grad_()
    out = layer(maps)
    (out * weigh.to(out)).sum().backward()
    return [out.detach(), maps.grad, layer.weight.grad, layer.bias.grad]


@pytest.mark.parametrize(("batch", "channels", "out", "sides"), SHAPES)
def test_every_gradient_is_as_near_the_truth_as_torchs(layers, batch, channels, out, sides):
    layer, other = layers(channels, out)
    maps, weigh = torch.randn(batch, channels, *sides), torch.randn(batch, out, *sides)
    exact = gradients(deepcopy(layer).double(), maps.double(), weigh)
    for truth, torchs, ours in zip(
        exact, gradients(layer, maps, weigh), gradients(other, maps, weigh), strict=True
    ):
        own = (torchs - truth).norm() / truth.norm()
        assert (ours - truth).norm() / truth.norm() <= max(2 * own, ROUNDING)


@pytest.mark.parametrize(("batch", "channels", "out", "sides"), SHAPES)
def test_the_product_itself_is_the_sum_over_patients_and_voxels(batch, channels, out, sides):
    maps = torch.randn(batch, channels, *sides, dtype=torch.float64)
    gradient = torch.randn(batch, out, *sides, dtype=torch.float64)
    weight = torch.randn(out, channels, 3, 3, 3, dtype=torch.float64, requires_grad=True)
    (nn.functional.conv3d(maps, weight, padding=1) * gradient).sum().backward()
    assert torch.allclose(products.weight_gradient(gradient, maps), weight.grad, atol=1e-9)


def test_a_gradient_can_be_differentiated_again(layers):
    layer, other = layers(2, 3)
    maps, found = torch.randn(1, 2, 20, 20, 21), []
    for one in (layer, other):
        own = maps.clone().requires_grad_()
        (slope,) = torch.autograd.grad(one(own).pow(3).sum(), own, create_graph=True)
        slope.pow(2).sum().backward()
        found.append(one.weight.grad)
    assert torch.allclose(*found, rtol=1e-4, atol=1e-3 * found[0].abs().max())


def test_weights_that_rest_get_no_gradient_and_cost_no_product(layers, monkeypatch):
    _, other = layers(2, 3)
    monkeypatch.setattr(products, "weight_gradient", None)
    other.requires_grad_(False)
    maps = torch.randn(1, 2, 24, 24, 24, requires_grad=True)
    other(maps).sum().backward()
    assert maps.grad is not None and other.weight.grad is None


def test_other_convolutions_and_other_processors_are_left_to_torch(layers, monkeypatch):
    plain = type(nn.Conv3d(1, 1, 3))
    for options in ({"stride": 2}, {"groups": 2}, {"padding_mode": "circular"}):
        assert type(layers(2, 2, **options)[1]) is plain
    layer = layers(2, 2)[1]
    assert set(layer.state_dict()) == {"weight", "bias"} and type(deepcopy(layer)) is type(layer)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    other = nn.Conv3d(2, 2, 3, padding=1)
    products.weigh_by_products(other)
    assert type(other) is plain


@pytest.mark.parametrize("first", [True, False])
def test_beside_the_guard_of_bf16_each_does_its_own(layers, first):
    layer = layers(2, 2)[1] if first else nn.Conv3d(2, 2, 3, padding=1)
    guard_bf16(layer)
    products.weigh_by_products(layer)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(torch.randn(1, 2, 2, 2, 2)).dtype == torch.float32
        assert layer(torch.randn(1, 2, 4, 4, 4)).dtype == torch.bfloat16
    assert layer(torch.randn(1, 2, 4, 4, 4)).dtype == torch.float32
