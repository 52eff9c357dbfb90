"""What every command is tried on."""

import pytest


@pytest.fixture
def recipe(tmp_path):
    """A recipe on two phantoms that trains in a second."""
    path = tmp_path / "tiny.toml"
    path.write_text(
        """
data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 2}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
optim.lr = 1e-2
[train]
steps = 4
batch_size = 1
save_every = 1
log_every = 1
validate_every = 2
ema = 0.5
"""
    )
    return path
