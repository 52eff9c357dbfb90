"""The released step: turns of the network, then one of the critic, in the released order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn

from repcat.bench.released.cost import released_cost
from repcat.bench.released.critic import PlainCritic
from repcat.bench.released.extractor import PlainExtractor
from repcat.bench.released.views import repeated_views
from repcat.types import Batch

COST, SCORE, CRITIC = 0.1, 0.1, 100.0


class ReleasedStep:
    """L_g = .1 S - .1 d(g), L_d = 100 (d(g) - d(V)), each turn on a new batch, all in float32.

    What it computes and nobody needs is the point: gradients of the frozen extractor's weights,
    the critic's two passes one after the other, a number read back each turn.
    """

    def __init__(self, network: nn.Module, size: int, batches: Iterator[Batch], on: str) -> None:
        self.batches = batches
        self.network = network.to(on)
        self.critic = PlainCritic(size).to(on)
        self.extractor = PlainExtractor().to(on).train()
        self.optimisers = {
            "model": _adamw(self.network),
            "potential": _adamw(self.critic),
        }

    def run_step(self, after: Callable[[str], None], inner_steps: int = 1) -> None:
        """Take `inner_steps` turns of the network and one of the critic; `after` hears each end."""
        for _ in range(inner_steps):
            self.network_turn()
            after("model")
        self.critic_turn()
        after("potential")

    def network_turn(self) -> float:
        """Lower the network's loss on the next batch; returns it."""
        batch = next(self.batches)
        self.network.train()
        self.critic.requires_grad_(False)
        self.optimisers["model"].zero_grad()
        fake = self.network(repeated_views(batch.xrays))
        maps, truths = self.extractor(fake), self.extractor(batch.volume)
        loss = COST * released_cost(maps, truths) - SCORE * self.critic(fake).mean()
        loss.backward()
        self.optimisers["model"].step()
        return float(loss.item())

    def critic_turn(self) -> float:
        """Lower the critic's loss on the next batch; returns it."""
        batch = next(self.batches)
        self.network.eval()  # as released: its U-Net then uses BatchNorm's running statistics
        self.critic.requires_grad_(True)
        with torch.no_grad():
            fake = self.network(repeated_views(batch.xrays))
        self.optimisers["potential"].zero_grad()
        loss = CRITIC * (self.critic(fake).mean() - self.critic(batch.volume).mean())
        loss.backward()
        self.optimisers["potential"].step()
        return float(loss.item())


def _adamw(module: nn.Module) -> torch.optim.Optimizer:
    """Return torch's own as it comes, with the released settings; lr is 1e-5 times a batch of 8."""
    return torch.optim.AdamW(
        module.parameters(), lr=8e-5, betas=(0.9, 0.999), eps=1e-3, weight_decay=1e-5
    )
