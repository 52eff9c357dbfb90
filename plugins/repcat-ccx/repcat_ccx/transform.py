"""Deep feature transform: a class prior modulates the 2D features, pixel by pixel.

Documented: semantic maps give the affine parameters. Ours: the two layers of the condition, its
width, that the five stages are modulated and the stem is not, and that each view has its own.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from repcat_ccx.mask import lung_mask
from repcat_x2ct.channel_plan import Plan
from repcat_x2ct.encoder import Encoder


class FeatureTransform(nn.Module):
    """h (1 + gamma(s)) + beta(s), with gamma and beta convolutions 1x1 of the condition s."""

    def __init__(self, condition: int, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Conv2d(condition, channels, 1)
        self.beta = nn.Conv2d(condition, channels, 1)

    def forward(self, h_BCDK: Tensor, s: Tensor) -> Tensor:
        """Return (B, C, D, K); the condition is averaged down to the map's pixels."""
        rows, columns = h_BCDK.shape[2:]
        s = F.adaptive_avg_pool2d(s, (rows, columns))
        modulated: Tensor = h_BCDK * (1 + self.gamma(s)) + self.beta(s)
        return modulated


class ModulatedEncoder(nn.Module):
    """X2CT-GAN's encoder, the result of each stage modulated by the lung mask."""

    def __init__(self, plan: Plan, condition: int) -> None:
        super().__init__()
        self.encoder = Encoder(plan)
        self.condition = nn.Sequential(
            nn.Conv2d(2, condition, 3, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(condition, condition, 3, padding=1),
            nn.LeakyReLU(0.1),
        )
        self.transforms = nn.ModuleList(FeatureTransform(condition, c) for c in plan.maps[1:])

    def forward(self, plane_B1DK: Tensor) -> list[Tensor]:
        """Return six maps, finest first, as the encoder does."""
        s = self.condition(lung_mask(plane_B1DK))
        maps = [self.encoder.stem(plane_B1DK)]
        for stage, transform in zip(self.encoder.stages, self.transforms, strict=True):
            maps.append(transform(stage(maps[-1]), s))
        return maps
