from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.networks.features import FeatureExtractor

SMALL = Grid(1, (24, 24, 24))


def test_at_the_papers_size_maps_and_weights_are_the_released_ones() -> None:
    with torch.device("meta"):
        features = FeatureExtractor(Grid(1, (64, 64, 64)))
        maps = features(torch.empty(2, 1, 64, 64, 64))
    shapes = [tuple(m.shape[1:]) for m in maps]
    assert shapes == [(16, 32, 32, 32), (32, 16, 16, 16), (64, 8, 8, 8), (128, 7, 7, 7)]
    assert sum(p.numel() for p in features.parameters()) == 689_616


@pytest.mark.parametrize(("volume", "maps"), [("x", "ax"), ("y", "ay")])
def test_with_batch_statistics_it_is_the_released_one(golden, volume: str, maps: str) -> None:
    arrays = golden("feature_extractor")
    features = FeatureExtractor(SMALL, width=2, statistics="batch")
    features.load_state_dict({k[2:]: torch.tensor(v) for k, v in arrays.items() if k[:2] == "w_"})
    for i, found in enumerate(features(torch.tensor(arrays[volume]))):
        torch.testing.assert_close(found, torch.tensor(arrays[f"{maps}_{i}"]), atol=1e-4, rtol=0)


@pytest.mark.parametrize("statistics", ["frozen", "instance"])
def test_unless_batch_statistics_are_asked_it_is_a_function_of_each_volume_alone(
    statistics: str,
) -> None:
    features = FeatureExtractor(SMALL, width=2, statistics=statistics).train()
    volumes = torch.rand(2, 1, 24, 24, 24)
    for together, alone in zip(features(volumes), features(volumes[:1]), strict=True):
        torch.testing.assert_close(together[:1], alone)


def test_with_instance_statistics_contrast_and_level_leave_only_the_first_map() -> None:
    features = FeatureExtractor(SMALL, width=2, statistics="instance")
    features.main[0].bias.zero_()
    volume = torch.rand(1, 1, 24, 24, 24)
    for plain, strong in zip(features(volume)[1:], features(3 * volume)[1:], strict=True):
        torch.testing.assert_close(plain, strong, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("statistics", ["frozen", "batch", "instance"])
def test_using_it_changes_nothing_in_it(statistics: str) -> None:
    features = FeatureExtractor(SMALL, width=2, statistics=statistics).train()
    before = {k: v.clone() for k, v in features.state_dict().items()}
    features(torch.rand(2, 1, 24, 24, 24, requires_grad=True))[-1].sum().backward()
    assert all(v.equal(before[k]) for k, v in features.state_dict().items())
    assert all(p.grad is None for p in features.parameters())


def test_a_volume_too_small_for_its_last_map_is_refused() -> None:
    with pytest.raises(PartError, match="needs 24 voxels a side"):
        FeatureExtractor(Grid(1, (16, 32, 32)))
