"""The plain forms of the released networks: repcat's weights fit them and give the same outputs."""

import pytest
import torch

from repcat import Grid
from repcat.bench.released.critic import PlainCritic
from repcat.bench.released.extractor import PlainExtractor
from repcat.bench.released.swin import plain_swin
from repcat.bench.released.unet import PlainUNet3D
from repcat_plugins.backbones.swin_unetr import swin_unetr
from repcat_plugins.backbones.unet3d import unet3d
from repcat_plugins.networks.critic import Critic
from repcat_plugins.networks.features import FeatureExtractor


def volume(size, channels=1):
    chance = torch.Generator().manual_seed(0)
    return torch.rand(2, channels, size, size, size, generator=chance)


def filled(plain, own):
    """Give the plain form the weights of repcat's; all of them must fit."""
    plain.load_state_dict(own.state_dict())
    return plain


def assert_equal(plain, own):
    torch.testing.assert_close(plain, own, rtol=1e-5, atol=1e-5)


def test_the_critic_scores_and_pulls_as_repcats():
    own = Critic(Grid(1, (16, 16, 16)), width=4, widest=16)
    plain = filled(PlainCritic(16, width=4, widest=16), own)
    inputs = [volume(16).requires_grad_() for _ in range(2)]
    scores = [critic(x) for critic, x in zip((plain, own), inputs, strict=True)]
    assert_equal(*scores)
    pulls = [torch.autograd.grad(s.sum(), x)[0] for s, x in zip(scores, inputs, strict=True)]
    assert_equal(*pulls)


@pytest.mark.parametrize(("training", "statistics"), [(True, "batch"), (False, "frozen")])
def test_the_extractor_gives_the_maps_of_repcats(training, statistics):
    frozen = FeatureExtractor(Grid(1, (24, 24, 24)), width=4)
    own = FeatureExtractor(Grid(1, (24, 24, 24)), width=4, statistics=statistics)
    own.load_state_dict(frozen.state_dict(), strict=False)  # 'batch' keeps no running statistics
    plain = filled(PlainExtractor(4), frozen).train(training)
    for maps in zip(plain(volume(24)), own(volume(24)), strict=True):
        assert_equal(*maps)


@pytest.mark.parametrize("training", [True, False])
def test_the_unet_predicts_as_repcats(training):
    grid = Grid(1, (32, 32, 32))
    own = unet3d(Grid(2, grid.size), grid, width=2).train(training)
    plain = filled(PlainUNet3D(2, 2), own).train(training)
    assert_equal(plain(volume(32, 2)), own(volume(32, 2)))


@torch.no_grad()
def test_swin_unetr_predicts_as_repcats():
    grid = Grid(1, (64, 64, 64))
    own = swin_unetr(Grid(2, grid.size), grid, feature_size=12).eval()
    plain = filled(plain_swin(2, 12), own).eval()
    x = volume(64, 2)[:1]
    assert_equal(plain(x), own(x))


def test_sizes_are_those_of_the_released_networks():
    # counted in the released code, two views, 64^3
    with torch.device("meta"):
        networks = {
            PlainCritic(64): 41_325_793,
            PlainExtractor(): 689_616,
            PlainUNet3D(2): 13_277_633,
        }
    for network, weights in networks.items():
        assert sum(p.numel() for p in network.parameters()) == weights
    assert sum(p.numel() for p in plain_swin(2, 12).parameters()) == 4_078_483
