"""Model of an engine: a network's backbone, what its mapper gives, and whose weights they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from repcat.inference.engine.graph import VolumeOf
from repcat.models.network import Network


@dataclass(frozen=True)
class Model:
    """A network in evaluation mode, for which engines are opened, made and measured.

    `reads` are what its mapper gave of a few patients, (1, C, *size) each, on `device`; `half` says
    that eager computes in bf16; `weights` is their hash; `home` the folder that keeps engines.
    """

    network: Network
    reads: tuple[Tensor, ...]
    device: str
    half: bool
    weights: str
    home: Path

    @cached_property
    def backbone(self) -> VolumeOf:
        """The backbone in float32, which every engine is to equal."""
        return VolumeOf(self.network.backbone).eval()

    @property
    def grid(self) -> str:
        """What the backbone reads, such as 2x48x48x48: channels, then the size."""
        return "x".join(map(str, self.reads[0].shape[1:]))

    @torch.no_grad()
    def eager(self, read: Tensor) -> Tensor:
        """Compute as `repcat predict` does without an engine."""
        with torch.autocast(self.device.partition(":")[0], torch.bfloat16, self.half):
            volumes: Tensor = self.backbone(read)
        return volumes.float()
