"""What every registered part must do, whoever wrote it."""

from itertools import repeat

import pytest
import torch

from repcat import Batch, Grid, Patients, Prediction, Projector, Request, Task, View, Window, preset
from repcat.chance import generator
from repcat.options import keyword_parameters, options_of
from repcat.registry import KINDS, load_parts

PARTS = load_parts()
SIZE = 32
SMALLEST = {"swin_unetr": (64, {"feature_size": 12})}
SOURCES = {"autoencoder": Grid(2, (SIZE, SIZE))}  # backbones that change the size
SMALL = {
    "attention_unet": {"channels": (4, 8)},
    "autoencoder": {"latent": 8, "width": 2, "widest": 4},
    "dynunet": {"channels": (4, 8, 16)},
    "segresnet": {"width": 4, "blocks": (1, 1), "groups": 2},
    "unet": {"channels": (4, 8), "res_units": 1},
    "unet3d": {"width": 2},
    "unetr": {"feature_size": 4, "hidden_size": 12, "mlp_dim": 8, "num_heads": 2},
    "gan": {"inner_steps": 2, "critic_width": 4, "critic_widest": 8, "gradient_penalty": 1.0},
    "sinkhorn_ot": {"inner_steps": 2, "features": 2, "critic_width": 4, "critic_widest": 8},
}


def every(kind):
    return pytest.mark.parametrize("name", PARTS.registry(kind).names())


def task_of(azimuths=(0.0, 90.0), size=SIZE):
    views = tuple(View(a) for a in azimuths)
    geometry = preset("default", size=size, cube_mm=400.0)
    return Task(views, Grid(len(views), (size, size)), Grid(1, (size,) * 3), geometry, Window())


def batch_of(task, patients=2):
    chance = generator("contract")
    rows = torch.rand(patients, *([task.xray.channels, *task.xray.size]), generator=chance)
    volume = torch.rand(patients, 1, *task.volume.size, generator=chance)
    return Batch(tuple(map(str, range(patients))), rows, task.views, volume)


class Model(torch.nn.Module):
    """A weight a voxel: the smallest thing that an objective can train."""

    def __init__(self, size):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.full((1, 1, *size), 0.3))

    def forward(self, batch):
        return Prediction(self.weight * (1 + batch.volume))


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_of_every_part_says_what_it_means(kind):
    for name in PARTS.registry(kind).names():
        part = PARTS.registry(kind).get(name)
        assert part.summary, name
        assert len(options_of(part.factory)) == len(keyword_parameters(part.factory))
        for option in options_of(part.factory):
            assert option.doc, f"{kind} {name}.{option.name} has no Doc"


@every("mappers")
@pytest.mark.parametrize("azimuths", [(0.0,), (0.0, 90.0), tuple(45.0 * k for k in range(8))])
def test_a_mapper_gives_the_grid_it_states(name, azimuths):
    task = task_of(azimuths)
    mapper = PARTS.mappers.get(name).factory(task)
    out = mapper(batch_of(task))
    assert out.shape == (2, mapper.out.channels, *mapper.out.size)
    assert out.isfinite().all()


@every("backbones")
def test_a_backbone_is_finite_differentiable_and_keeps_its_type(name):
    size, options = SMALLEST.get(name, (SIZE, SMALL.get(name, {})))
    source, target = SOURCES.get(name, Grid(2, (size,) * 3)), Grid(1, (size,) * 3)
    network = PARTS.backbones.get(name).factory(source, target, **options)
    x = torch.rand(1, 2, *source.size, generator=generator(name)).requires_grad_()
    out = network(x)
    volume = out.volume if isinstance(out, Prediction) else out
    assert volume.shape == (1, 1, *target.size) and volume.dtype == torch.float32
    volume.mean().backward()
    assert volume.isfinite().all() and x.grad.isfinite().all() and x.grad.abs().sum() > 0
    unused = [n for n, p in network.named_parameters() if p.grad is None]
    assert not unused


@every("objectives")
def test_an_objective_names_players_that_its_turns_reach_and_no_other(name):
    task = task_of()
    objective = PARTS.objectives.get(name).factory(task, **SMALL.get(name, {}))
    model = Model(task.volume.size)
    modules = {"model": model} | {p: objective.get_submodule(p) for p in objective.players}
    named = set()
    for turn in objective.turns(model, repeat(batch_of(task))):
        weights = list(modules[turn.player].parameters())
        gradients = torch.autograd.grad(turn.loss, weights, allow_unused=True)
        assert turn.loss.ndim == 0 and any(g is not None and g.abs().sum() > 0 for g in gradients)
        assert torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")
        named.add(turn.player)
    assert named == modules.keys()


@every("objectives")
def test_an_objective_is_a_function_of_its_seed(name):
    states = [
        PARTS.objectives.get(name).factory(task_of(), **SMALL.get(name, {})).state_dict()
        for _ in range(2)
    ]
    assert all(torch.equal(states[0][k], states[1][k]) for k in states[0])


@every("projectors")
def test_a_projector_gives_an_image_a_view_and_air_is_nothing(name):
    task = task_of((0.0, 30.0, 90.0), size=16)
    project: Projector = PARTS.projectors.get(name).factory()
    mu = torch.zeros(task.volume.size)
    assert project(mu, task.geometry, task.views).shape == (3, 16, 16)
    assert project(mu, task.geometry, task.views).abs().sum() == 0


def test_phantoms_give_what_was_requested():
    request = Request(16, (View(0), View(200)), PARTS.projectors.get("nanodrr").factory())
    patients: Patients = PARTS.datasets.get("phantoms").factory(request, train=1)
    patient = patients.load(patients.ids("train")[0])
    assert patient.volume.shape == (16, 16, 16) and patient.integrals.shape == (2, 16, 16)
