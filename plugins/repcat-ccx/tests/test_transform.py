"""Deep feature transform."""

import torch

from repcat_ccx.transform import FeatureTransform, ModulatedEncoder
from repcat_x2ct.channel_plan import Plan


def test_a_feature_is_scaled_by_one_plus_gamma_and_shifted_by_beta():
    transform = FeatureTransform(1, 3)
    for layer, value in ((transform.gamma, 2.0), (transform.beta, 5.0)):
        torch.nn.init.constant_(layer.weight, value)
        torch.nn.init.zeros_(layer.bias)
    h, s = torch.rand(1, 3, 2, 2), torch.zeros(1, 1, 4, 4)
    s[..., :2, :2] = 1.0
    out = transform(h, s)
    torch.testing.assert_close(out[..., 0, 0], 3 * h[..., 0, 0] + 5)
    assert torch.equal(out[..., 1, 1], h[..., 1, 1])


def test_where_gamma_and_beta_are_zero_the_encoder_is_x2cts():
    encoder = ModulatedEncoder(Plan(64, width=4, growth=2, layers=(1, 1, 1, 1, 1)), condition=2)
    for transform in encoder.transforms:
        for weight in transform.parameters():
            torch.nn.init.zeros_(weight)
    plane = torch.rand(1, 1, 64, 64)
    pairs = zip(encoder(plane), encoder.encoder(plane), strict=True)
    assert all(torch.equal(mine, theirs) for mine, theirs in pairs)
