"""Optimisers without the compiler take the steps that torch's own calls take."""

import subprocess
import sys

CODE = """
import sys, torch
from repcat.training import spared_compiler as spared

NAMES = "AdamW", "SGD"

def weights(name, step):
    torch.manual_seed(0)
    network = torch.nn.Linear(4, 3)
    optimiser = getattr(torch.optim, name)(network.parameters(), lr=1e-2, weight_decay=1e-4)
    for _ in range(3):
        optimiser.zero_grad(set_to_none=True)
        network(torch.ones(2, 4)).square().sum().backward()
        step(optimiser)
    optimiser.load_state_dict(optimiser.state_dict())
    return torch.cat([p.detach().flatten() for p in network.parameters()])

spared.spare_compiler(), spared.spare_compiler()
ours = {name: weights(name, spared.step) for name in NAMES}
assert "torch._dynamo" not in sys.modules
theirs = {name: weights(name, lambda optimiser: optimiser.step()) for name in NAMES}
assert "torch._dynamo" in sys.modules
for name in NAMES:
    assert torch.equal(ours[name], theirs[name]), name
    assert torch.equal(ours[name], weights(name, spared.step)), name
for name in spared.METHODS:  # torch has marked them itself by now
    mark = getattr(getattr(torch.optim.Optimizer, name).__wrapped__, spared.MARK)
    assert mark.__module__.startswith("torch."), name
"""


def test_spared_steps_are_those_of_torch_to_the_last_bit():
    subprocess.run([sys.executable, "-c", CODE], check=True)
