"""Untrained runs of any recipe on phantoms: what is exported needs weights, not skill."""

import pytest
import torch

from repcat.config.validate import check_recipe
from repcat.models.build import build_network, make_task, open_patients
from repcat.registry.plugins import load_parts
from repcat.runs.checkpoint import State
from repcat.runs.run import Run

SMALL = {
    "data": {"use": "phantoms", "size": 32, "train": 2, "validation": 1, "test": 2},
    "mapper": {"use": "repeat_concat"},
    "backbone": {"use": "unet", "channels": [4, 8], "res_units": 1},
    "objective": {"use": "l2"},
}


@pytest.fixture
def run_of(tmp_path):
    """A maker of runs: tables given replace the small ones; `average` doubles the last weights."""

    def make(*, average=False, **tables):
        parts = load_parts()
        wanted = {
            name: table if "use" in table else {**SMALL.get(name, {}), **table}
            for name, table in {**SMALL, **tables}.items()
        }
        recipe = check_recipe(wanted, "test", parts)
        task = make_task(recipe, open_patients(recipe, parts), parts)
        network = build_network(recipe, task, parts)
        told = {"versions": {"torch": torch.__version__}, "command": ["repcat", "/home/someone/x"]}
        run = Run.create(tmp_path / "run", recipe, told)
        run.save(2, State(tables_of(network, average), {"step": 2}))
        return run

    return make


def tables_of(network, average):
    table = {k: v.clone() for k, v in network.state_dict().items()}
    averaged = {n: p.detach() * 2 for n, p in network.named_parameters()}
    return {"model": table, "average": averaged} if average else {"model": table}
