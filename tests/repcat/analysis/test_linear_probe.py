"""A linear probe reads 1 where the X-rays are, 0 where they are not."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from repcat import Batch, View
from repcat.analysis.linear_probe import Ridge, Taps, narrowest, small_views
from repcat.models.network import Network
from repcat.rng import generator

VIEWS = (View(0.0), View(90.0))


class Flat(nn.Module):
    """A mapper that hands on the X-rays as they are."""

    def forward(self, batch):
        return batch.xrays.flatten(1)


def batches(count):
    chance = generator("probe")
    basis = torch.rand(12, 2 * 8 * 8, generator=chance)  # patients differ in 12 ways
    images = torch.rand(count, 12, generator=chance) @ basis
    volume = torch.zeros(1, 1, 2, 2, 2)
    return [Batch((str(n),), x.view(1, 2, 8, 8), VIEWS, volume) for n, x in enumerate(images)]


def recovered(backbone, place, fitted=60):
    network, found = Network(Flat(), backbone), batches(fitted + 20)
    with Taps(network, narrowest(network, found[0])) as taps:
        read = [taps.read(batch) for batch in found]
    (name,) = [p for p in taps.places if p.startswith(place)]
    x, y = [r[name] for r in read], [small_views(b.xrays) for b in found]
    ridge = Ridge.fit(x[:fitted], y[:fitted])
    return [ridge.recovered(a, b) for a, b in zip(x[fitted:], y[fitted:], strict=True)]


def linear(*widths):
    torch.manual_seed(0)
    pairs = pairwise(widths)
    return nn.Sequential(*(nn.Linear(a, b) for a, b in pairs))


@pytest.mark.parametrize("place", ["network's input", "narrowest", "output"])
def test_what_keeps_every_difference_is_read_back_whole(place):
    assert min(recovered(linear(128, 16, 40), place)) > 0.999


def test_a_layer_of_one_number_keeps_one_of_twelve_differences():
    found = recovered(linear(128, 1, 40), "narrowest")
    assert sum(found) / len(found) < 0.5
    assert min(recovered(linear(128, 1, 40), "network's input")) > 0.999


def test_what_forgot_the_patient_gives_the_mean_back():
    class Forgetful(nn.Module):
        def forward(self, x):
            return torch.ones(1, 40)

    found = recovered(Forgetful(), "output")
    assert found == pytest.approx([0.0] * 20, abs=0.2)
    assert narrowest(Network(Flat(), Forgetful()), batches(1)[0]) == ""


def test_the_ridge_is_the_one_of_the_normal_equations():
    chance = generator("ridge")
    x, y = torch.rand(30, 5, generator=chance), torch.rand(30, 3, generator=chance).double()
    ridge = Ridge.fit(list(x), list(y))
    centred, targets = (x - x.mean(0)).double(), y - y.mean(0)
    exact = torch.linalg.lstsq(centred, targets).solution
    weights = ridge.features.double().T @ ridge.dual
    # the ridge shrinks what least squares finds, here of noise, and never turns it around
    assert (weights * exact).sum() / exact.square().sum() < 1.0
    kernel = ridge.features.double() @ ridge.features.double().T
    left = targets - kernel @ ridge.dual  # = weight * dual, the condition of the optimum
    assert torch.allclose(left / ridge.dual, (left / ridge.dual).mean().expand_as(left), rtol=1e-6)


def test_the_narrowest_layer_is_found_by_name():
    assert narrowest(Network(Flat(), linear(128, 64, 4, 40)), batches(1)[0]) == "1"
