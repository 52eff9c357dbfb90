"""Stages of the encoder: shapes and numbers of weights printed by the published network at 128."""

import torch

from repcat_x2ct.channel_plan import Plan
from repcat_x2ct.encoder import Encoder

STAGES = [402_560, 1_190_144, 3_920_384, 5_017_088, 3_036_608]
MAPS = [(64, 128), (128, 64), (256, 32), (512, 16), (512, 8), (704, 4)]


def weights(module):
    return sum(p.numel() for p in module.parameters())


def test_each_stage_has_the_published_shape_and_number_of_weights():
    with torch.device("meta"):
        encoder = Encoder(Plan(128))
        maps = encoder(torch.zeros(1, 1, 128, 128))
    assert [tuple(m.shape[1:]) for m in maps] == [(c, n, n) for c, n in MAPS]
    assert weights(encoder.stem) == 3_200
    assert [weights(stage) for stage in encoder.stages] == STAGES


def test_a_dense_layer_keeps_its_input_and_appends_to_it():
    encoder = Encoder(Plan(64, width=4, growth=2, layers=(1, 1, 1, 1, 1)))
    layer, x = encoder.stages[0][3], torch.rand(1, 4, 8, 8)
    assert layer(x).shape == (1, 6, 8, 8)
    assert torch.equal(layer(x)[:, :4], x)
