"""A 2D encoder of timm's: one-channel images to a vector, or to a map of features."""

from __future__ import annotations

import difflib
from typing import Any

import torch
from torch import Tensor, nn

from repcat import Grid, PartError
from repcat_plugins.mappers.encoder_weights import check_all, overlay, read_weights
from repcat_plugins.mappers.timm_import import import_timm


class TimmEncoder(nn.Module):
    """Images (B, 1, rows, columns) in [0, 1] to (B, C), or to a map (B, C, rows', columns').

    Inputs are standardised by the mean and spread that timm states for the encoder, averaged over
    colours. `level` chooses a map, None the pooled vector; layers behind the map are dropped.
    `channels` > 0 projects the features linearly. `out` is the grid of an image's features.
    """

    def __init__(
        self, name: str, size: tuple[int, ...], weights: str, level: int | None, channels: int
    ) -> None:
        super().__init__()
        self.name = name
        self.encoder = _create(name, size, weights)
        config = self.encoder.pretrained_cfg
        self.mean, self.spread = (sum(config[k]) / len(config[k]) for k in ("mean", "std"))
        self.indices = self._keep(level)
        self.project: nn.Module = nn.Identity()
        found = self._probe(size)
        if channels:
            wide = found.channels
            self.project = nn.Conv2d(wide, channels, 1) if found.size else nn.Linear(wide, channels)
        self.out = Grid(channels or found.channels, found.size)

    def forward(self, images_B1RC: Tensor) -> Tensor:
        """Return (B, C) or (B, C, rows', columns')."""
        try:
            features = self._encode((images_B1RC - self.mean) / self.spread)
        except ValueError as error:
            if "more than 1 value per channel" not in str(error):
                raise
            msg = (
                f"timm's {self.name!r} normalises over a batch and comes down to one pixel of one "
                "image; set train.batch_size to 2 or more, or data.size higher"
            )
            raise PartError(msg, code="one-pixel") from None
        projected: Tensor = self.project(features)
        return projected

    def _encode(self, images: Tensor) -> Tensor:
        if self.indices is None:
            vectors: Tensor = self.encoder(images)
            return vectors
        maps: list[Tensor] = self.encoder.forward_intermediates(
            images, indices=self.indices, output_fmt="NCHW", intermediates_only=True
        )
        return maps[-1]

    def _keep(self, level: int | None) -> list[int] | None:
        """Drop the layers behind a map; returns its index as timm counts it."""
        if level is None:
            return None
        if not hasattr(self.encoder, "prune_intermediate_layers"):
            msg = (
                f"timm's {self.name!r} gives a vector only, no map; set mapper.grid = 'point' or "
                "choose another encoder, such as 'resnet18'"
            )
            raise PartError(msg, code="no-map")
        try:
            kept = self.encoder.prune_intermediate_layers([level], prune_norm=True, prune_head=True)
        except (AssertionError, IndexError) as error:
            msg = f"timm's {self.name!r} has no map of mapper.level = {level}: {error}"
            raise PartError(msg, code="no-map") from None
        return list(kept)

    @torch.no_grad()
    def _probe(self, size: tuple[int, ...]) -> Grid:
        """Encode an empty image, for not every encoder takes every size or says what it gives."""
        self.encoder.eval()
        try:
            features = self._encode(torch.zeros(1, 1, *size))
        except (RuntimeError, ValueError, AssertionError) as error:
            raise _misfit(self.name, size, error) from None
        self.encoder.train()
        return Grid(features.shape[1], tuple(features.shape[2:]))


def _create(name: str, size: tuple[int, ...], weights: str) -> Any:  # noqa: ANN401  (any encoder)
    """Build an encoder with random weights or those of a file; nothing is ever downloaded."""
    timm = import_timm()
    if not timm.is_model(name):  # nor is a name such as 'hf_hub:...', which would be fetched
        close = difflib.get_close_matches(name.partition(".")[0], timm.list_models(), n=3)
        nearest = f"did you mean {', '.join(map(repr, close))}?" if close else "none is near"
        msg = f"timm has no encoder called {name!r}; {nearest} (timm.list_models() names all)"
        raise PartError(msg, code="no-such-encoder")
    config = timm.get_pretrained_cfg(name)
    options: dict[str, Any] = {"img_size": size} if config.fixed_input_size else {}
    state = read_weights(weights) if weights else {}
    if state:
        options["pretrained_cfg_overlay"] = overlay(state)
    try:
        encoder = timm.create_model(
            name, pretrained=bool(state), in_chans=1, num_classes=0, **options
        )
    except (RuntimeError, ValueError, AssertionError, KeyError) as error:
        raise _misfit(weights or name, size, error) from None
    if state:
        check_all(encoder, state, weights)
        encoder.pretrained_cfg["state_dict"] = None  # or timm would keep a second copy
    return encoder


def _misfit(what: str, size: tuple[int, ...], error: Exception) -> PartError:
    reason = " ".join(str(error).split())[:200] or "it takes other sizes"
    msg = (
        f"timm cannot encode images of {size[0]} x {size[1]} pixels with {what!r} ({reason}); "
        "change data.size, mapper.name or mapper.weights"
    )
    return PartError(msg)
