"""The moving average of weights."""

import torch
from torch import nn

from repcat.models.ema import Average, use_average


def test_the_average_is_the_released_codes(golden):
    z = golden("ema")
    module = nn.ParameterList([nn.Parameter(torch.from_numpy(z["init"]).clone())])
    average = Average(module, float(z["rate"]))
    for values, after in zip(z["params"], z["ema_after"], strict=True):
        module[0].data.copy_(torch.from_numpy(values))
        average.update(module)
        assert torch.allclose(
            average.weights["0"], torch.from_numpy(after).to(module[0]), atol=1e-6
        )


def test_using_an_average_keeps_the_buffers():
    module = nn.BatchNorm1d(2)
    module.running_mean.fill_(7)
    use_average(module, {"weight": torch.zeros(2), "bias": torch.zeros(2)})
    assert module.running_mean.tolist() == [7, 7] and module.weight.sum() == 0
