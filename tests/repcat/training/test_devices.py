"""The same numbers on every device: run on the CPU here, and on CUDA where there is one."""

import pytest
import torch

from repcat import View, preset
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts
from repcat.rng import generator
from repcat.training.session import Session

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]
OBJECTIVES = {
    "l2": {"use": "l2"},
    "sinkhorn_ot": {"use": "sinkhorn_ot", "inner_steps": 1, "features": 2, "critic_width": 4},
}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_step_gives_the_losses_of_the_cpu(device, objective, recipe_of, parts):
    recipe = recipe_of(data={"use": "blobs", "size": 32}, objective=OBJECTIVES[objective])
    patients = open_patients(recipe, parts)
    here, there = (Session(recipe, patients, parts, d).run_step() for d in ("cpu", device))
    assert here.keys() == there.keys()
    for name, value in here.items():
        assert there[name] == pytest.approx(value, rel=2e-3, abs=1e-4), name


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_bf16_gives_finite_losses_near_those_of_fp32(device, objective, recipe_of, parts):
    losses = []
    for precision in ("fp32", "bf16"):
        recipe = recipe_of(
            data={"use": "blobs", "size": 32},
            objective=OBJECTIVES[objective],
            train={"precision": precision},
        )
        losses.append(Session(recipe, open_patients(recipe, parts), parts, device).run_step())
    assert losses[1]["model"] == pytest.approx(losses[0]["model"], rel=0.1)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", ["nanodrr", "march"])
def test_a_projection_is_the_cpus(device, name):
    project = load_parts().projectors.get(name).factory()
    geometry = preset("default", size=32, cube_mm=320.0)
    mu = torch.rand(32, 32, 32, generator=generator("mu")) * 0.02
    views = (View(0), View(90))
    here, there = project(mu, geometry, views), project(mu.to(device), geometry, views).cpu()
    assert torch.allclose(here, there, rtol=1e-3, atol=1e-3)
