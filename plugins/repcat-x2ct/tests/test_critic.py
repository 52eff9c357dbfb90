"""The patch critic, against sizes printed by the published one."""

import torch

from repcat_x2ct.critic import PatchCritic, held


def test_at_128_it_has_the_published_weights_and_maps():
    shapes = []
    with torch.device("meta"):
        critic = PatchCritic(3)
        for layer in critic.main:
            if isinstance(layer, torch.nn.Conv3d):
                layer.register_forward_hook(lambda _, __, out: shapes.append(out.shape[1:3]))
        critic(torch.zeros(1, 3, 128, 128, 128))
    assert shapes == [(64, 65), (128, 33), (256, 17), (512, 18), (1, 19)]
    assert sum(p.numel() for p in critic.parameters()) == 11_055_169


def test_the_convolutions_before_a_normalisation_have_no_bias():
    layers = [m for m in PatchCritic(3, width=2).main if isinstance(m, torch.nn.Conv3d)]
    assert [layer.bias is not None for layer in layers] == [True, False, False, False, True]


def test_held_it_lets_gradients_pass_and_collects_none():
    critic, x = PatchCritic(1, width=2), torch.rand(1, 1, 16, 16, 16, requires_grad=True)
    with held(critic):
        score = critic(x).mean()
    score.backward()
    assert x.grad.abs().sum() > 0 and all(p.grad is None for p in critic.parameters())
    assert all(p.requires_grad for p in critic.parameters())
