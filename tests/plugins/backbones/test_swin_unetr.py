from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.backbones.swin_unetr import swin_unetr


def grids(size: int, views: int = 2) -> tuple[Grid, Grid]:
    return Grid(views, (size,) * 3), Grid(1, (size,) * 3)


@pytest.mark.parametrize(
    ("feature_size", "views", "weights"),
    [(48, 2, 62_188_387), (48, 8, 62_198_755), (24, 2, 15_703_843), (12, 2, 4_078_483)],
)
def test_it_has_as_many_weights_as_the_papers(feature_size: int, views: int, weights: int) -> None:
    with torch.device("meta"):
        network = swin_unetr(*grids(64, views), feature_size=feature_size)
    assert sum(p.numel() for p in network.parameters()) == weights


def test_flash_attention_changes_nothing_but_time() -> None:
    source, target = grids(64)
    networks = [swin_unetr(source, target, feature_size=12, flash=f).eval() for f in (True, False)]
    networks[1].load_state_dict(networks[0].state_dict())
    x = torch.rand(1, 2, 64, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        fast, plain = (network(x) for network in networks)
    assert fast.shape == (1, 1, 64, 64, 64)
    torch.testing.assert_close(fast, plain, atol=1e-5, rtol=0)


def test_version_2_adds_a_residual_convolution_to_each_stage() -> None:
    with torch.device("meta"):
        network = swin_unetr(*grids(64), version2=True)
    assert sum(p.numel() for p in network.parameters()) == 72_763_747
    added = [n for n in network.state_dict() if ".layers" in n and "c.0.layer.conv" in n]
    assert len(added) == 2 * 4


def test_a_point_in_latent_space_is_refused() -> None:
    with pytest.raises(PartError, match="code: sizes-do-not-meet"):
        swin_unetr(Grid(512, ()), Grid(1, (64, 64, 64)))


@pytest.mark.parametrize("size", [32, 48, 80])
def test_sizes_that_cannot_train_are_refused(size: int) -> None:
    with pytest.raises(PartError, match="multiples of 32, from 64 up"):
        swin_unetr(*grids(size), feature_size=12)


def test_heads_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(PartError, match=r"num_heads\[1\] = 5 does not divide the 24 channels"):
        swin_unetr(*grids(64), feature_size=12, num_heads=(3, 5, 12, 24))


def test_a_bounded_output_is_asked_for_by_name() -> None:
    with torch.device("meta"):
        network = swin_unetr(*grids(64), feature_size=12, output="sigmoid")
    assert isinstance(network[-1], torch.nn.Sigmoid)
