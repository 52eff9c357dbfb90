from __future__ import annotations

import pytest
import torch
from torch import Tensor

from repcat import Grid, Request, View, seeded
from repcat.scoring.smoothing import blur
from repcat.testing import installed
from repcat_plugins.networks.feature_cost import FeatureCost
from repcat_plugins.networks.features import FeatureExtractor


class Stored:
    """Give maps that are at hand, predictions first, for two empty volumes."""

    def __init__(self, *maps: list[Tensor]) -> None:
        self.maps = {"truth": maps[1], "fake": maps[0]}

    def __call__(self, volume: Tensor) -> list[Tensor]:
        return self.maps["fake" if torch.is_grad_enabled() else "truth"]


def cost_of(fakes: list[Tensor], truths: list[Tensor], **options) -> Tensor:
    nothing = torch.zeros(1, 1, 1, 1, 1)
    return FeatureCost(Stored(fakes, truths), scaling=0.5, **options)(nothing, nothing)


@pytest.mark.parametrize(
    ("patients", "key"), [(4, "per_layer"), (1, "per_layer_first1"), (2, "per_layer_first2")]
)
def test_the_transport_of_each_map_costs_what_the_released_one_does(
    golden, patients: int, key: str
) -> None:
    arrays = golden("sinkhorn_acts")
    for i, expected in enumerate(arrays[f"sinkhorn_{key}"]):
        a, b = (torch.tensor(arrays[f"act_{s}_{i}"])[:patients] for s in ("pred", "gt"))
        assert cost_of([a], [b]).item() == pytest.approx(float(expected), rel=1e-4)


def test_its_gradient_is_the_released_one(golden) -> None:
    arrays = golden("sinkhorn_acts")
    fakes = [torch.tensor(arrays[f"act_pred_{i}"]).requires_grad_() for i in range(3)]
    truths = [torch.tensor(arrays[f"act_gt_{i}"]) for i in range(3)]
    total = cost_of(fakes, truths)
    assert total.item() == pytest.approx(float(arrays["sinkhorn_total"]), rel=1e-4)
    for i, found in enumerate(torch.autograd.grad(total, fakes)):
        expected = torch.tensor(arrays[f"grad_pred_{i}"])
        assert (found - expected).norm() < 1e-3 * expected.norm()


def test_the_squared_distance_of_each_map_is_the_released_one(golden) -> None:
    arrays = golden("sinkhorn_acts")
    maps = [[torch.tensor(arrays[f"act_{s}_{i}"]) for i in range(3)] for s in ("pred", "gt")]
    for a, b, expected in zip(*maps, arrays["l2_per_layer"], strict=True):
        assert cost_of([a], [b], distance="l2").item() == pytest.approx(float(expected), rel=1e-5)
    total = cost_of(*maps, distance="l2").item()
    assert total == pytest.approx(float(arrays["l2_total"]), rel=1e-5)


@pytest.mark.parametrize("distance", ["sinkhorn", "l2"])
def test_the_cost_of_volumes_through_the_extractor_is_the_released_one(
    golden, distance: str
) -> None:
    arrays = golden("feature_extractor")
    features = FeatureExtractor(Grid(1, (24,) * 3), width=2, statistics="batch")
    features.load_state_dict({k[2:]: torch.tensor(v) for k, v in arrays.items() if k[:2] == "w_"})
    cost = FeatureCost(features, distance=distance, scaling=0.5)
    found = cost(*(torch.tensor(arrays[name]) for name in "xy")).item()
    assert found == pytest.approx(float(arrays[f"{distance}_cost"]), rel=1e-3)


@pytest.mark.parametrize(("p", "expected"), [(2, 12.5), (1, 5.0)])
def test_paired_it_is_the_mean_distance_to_the_p_over_p(p: int, expected: float) -> None:
    truths = torch.randn(3, 2, 1, 1, 1)
    fakes = truths + torch.tensor([3.0, 4.0]).view(1, 2, 1, 1, 1)
    found = cost_of([fakes], [truths], paired=True, normalise=False, p=p).item()
    assert found == pytest.approx(expected, abs=2e-4)


def test_it_keeps_no_graph_of_the_truths() -> None:
    truth = torch.rand(2, 1, 3, 3, 3, requires_grad=True)
    cost = FeatureCost(lambda volume: [volume * 2], normalise=False)
    fake = torch.rand(2, 1, 3, 3, 3, requires_grad=True)
    cost(fake, truth).backward()
    assert truth.grad is None
    assert fake.grad is not None


@pytest.mark.parametrize("normalise", [True, False])
def test_normalised_features_hardly_see_the_grey_scale(normalise: bool) -> None:
    """A chest 30 % too bright, below a chest blurred by 10 mm in PSNR, costs next to nothing."""
    edge = 64
    request = Request(edge, (View(0),), installed("projectors", "nanodrr")())
    phantoms = installed("datasets", "phantoms")(request, test=2)
    hu = torch.stack([phantoms.load(p).volume for p in phantoms.ids("test")])
    truth = (hu.clamp(-1000, 1000)[:, None] + 1000) / 2000
    voxel = phantoms.geometry.voxel_mm
    blurred = torch.stack([blur(v[0], 10.0, voxel)[None] for v in truth])
    bright = 1.3 * truth
    assert (bright - truth).square().mean() > (blurred - truth).square().mean()
    with seeded(0):
        features = FeatureExtractor(Grid(1, (edge,) * 3), width=16, statistics="frozen")
    cost = FeatureCost(features, normalise=normalise)
    with torch.no_grad():
        share = cost(bright, truth) / cost(blurred, truth)
    assert share < 0.03 if normalise else share > 1
