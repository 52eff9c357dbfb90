"""bf16 on a CPU: gradients are those of fp32 to bf16's own rounding, small maps included."""

from copy import deepcopy
from functools import partial

import pytest
import torch
from torch import nn

from repcat.models.build import open_patients
from repcat.training import bf16_layers
from repcat.training.bf16_layers import fp32_layers, guard_bf16, told_fp32
from repcat.training.session import Session

ROUNDING = 2.0**-8  # bf16 has 8 bits
half = partial(torch.autocast, "cpu", torch.bfloat16)


def gradients(network, maps, precision):
    network.zero_grad(set_to_none=True)
    with half(enabled=precision == "bf16"):
        out = network(maps)
    out.float().square().mean().backward()
    return torch.cat([p.grad.flatten() for p in network.parameters()])


def error(network, maps):
    fp32, bf16 = (gradients(network, maps, precision) for precision in ("fp32", "bf16"))
    return ((bf16 - fp32).norm() / fp32.norm()).item()


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", [nn.Conv2d, nn.Conv3d])
def test_weight_gradients_of_small_maps_are_those_of_fp32(kind, side, stride):
    torch.manual_seed(0)
    layer = kind(16, 16, 3, stride, 1)
    dims = 3 if kind is nn.Conv3d else 2
    maps = torch.randn(2, 16, *[side] * dims)
    bits = [p.clone() for p in layer.parameters()]
    guard_bf16(layer)
    assert error(layer, maps) < 2 * ROUNDING
    wrong = (side == 1 and stride == 2) or (side == 2 and dims == 3)
    assert bool(fp32_layers(layer)) == wrong
    assert all(torch.equal(a, b) for a, b in zip(bits, layer.parameters(), strict=True))


def test_only_autocast_with_gradients_is_meant_and_a_copy_is_guarded_with_its_own_weights():
    layer, maps = nn.Conv3d(2, 2, 3, padding=1), torch.randn(1, 2, 2, 2, 2)
    before = layer(maps)
    guard_bf16(layer)
    guard_bf16(layer)
    assert torch.equal(layer(maps), before) and set(layer.state_dict()) == {"weight", "bias"}
    with half(), torch.no_grad():
        assert layer(maps).dtype == torch.bfloat16
    assert not fp32_layers(layer)
    other = deepcopy(layer)
    with torch.no_grad():
        other.bias += 1
    with half():
        assert torch.allclose(other(maps), layer(maps) + 1, atol=1e-6)
        assert other(maps).dtype == torch.float32


@pytest.mark.parametrize(
    "tables",
    [
        # 16^3 down to 2^3 in four levels
        {"backbone": {"use": "unet", "channels": [4, 8, 8, 8], "res_units": 1, "norm": "batch"}},
        # ResNet's last stage sees 1 x 1 of 16 x 16
        {"mapper": {"use": "encoder2d"}, "backbone": {"use": "autoencoder", "width": 4}},
    ],
)
def test_a_network_that_reaches_such_maps_trains_and_names_the_layers(recipe_of, parts, tables):
    steps = []
    for precision in ("fp32", "bf16"):
        recipe = recipe_of(**tables, train={"precision": precision})
        session = Session(recipe, open_patients(recipe, parts), parts, "cpu")
        losses = session.run_step()["model"], session.run_step()["model"]
        steps.append((losses, session.fp32_layers))
    (exact, none), (near, names) = steps
    assert not none and names
    assert near == pytest.approx(exact, rel=0.05)
    assert told_fp32(names).startswith(f"bf16: {len(names)} convolution")


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.Conv3d])
def test_emulated_bf16_is_the_hardwares_rounded_operands_and_a_rounded_sum(kind, monkeypatch):
    monkeypatch.setattr(bf16_layers, "half_precision_on_cpu", lambda: False)
    torch.manual_seed(0)
    layer = kind(8, 8, 3, padding=1)
    maps = torch.randn(1, 8, *[5] * (3 if kind is nn.Conv3d else 2))
    with half():
        torchs = layer(maps)
        guard_bf16(layer)
        ours = layer(maps)
    assert ours.dtype == torchs.dtype == torch.bfloat16
    apart = (ours.float() - torchs.float()).abs()
    assert (apart <= 2 * ROUNDING * torchs.float().abs().clamp(min=0.1)).all()
    assert error(layer, maps) < 2 * ROUNDING
