"""Optimisers without the compiler take the steps that torch's own calls take."""

import subprocess
import sys

import pytest

CODE = """
import sys, torch
from repcat.training import spared_compiler as spared

def weights(step, **options):
    torch.manual_seed(0)
    network = torch.nn.Linear(4, 3)
    optimiser = torch.optim.{name}(network.parameters(), **options)
    for _ in range(3):
        optimiser.zero_grad(set_to_none=True)
        network(torch.ones(2, 4)).square().sum().backward()
        step(optimiser)
    optimiser.load_state_dict(optimiser.state_dict())
    return torch.cat([p.detach().flatten() for p in network.parameters()])

spared.spare_compiler(), spared.spare_compiler()
options = {"lr": 1e-2, "weight_decay": 1e-4}
ours = weights(spared.step, **options)
assert "torch._dynamo" not in sys.modules
theirs = weights(lambda optimiser: optimiser.step(), **options)
assert "torch._dynamo" in sys.modules
assert torch.equal(ours, theirs) and torch.equal(ours, weights(spared.step, **options))
for name in spared.METHODS:  # torch has marked them itself by now
    mark = getattr(getattr(torch.optim.Optimizer, name).__wrapped__, spared.MARK)
    assert mark.__module__.startswith("torch."), name
"""


@pytest.mark.parametrize("name", ["AdamW", "SGD"])
def test_spared_steps_are_those_of_torch_to_the_last_bit(name):
    subprocess.run([sys.executable, "-c", CODE.replace("{name}", name)], check=True)
