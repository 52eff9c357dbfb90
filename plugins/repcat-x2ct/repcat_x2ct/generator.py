"""The generator: a net of one view, or two of them and a decoder that fuses them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from repcat import Prediction
from repcat_x2ct.channel_plan import FUSION_BLOCKS, VIEW_BLOCKS, Plan
from repcat_x2ct.connections import Average, Latent, Link
from repcat_x2ct.decoder import Decoder
from repcat_x2ct.encoder import Encoder
from repcat_x2ct.planes import FRONTAL, LATERAL
from repcat_x2ct.weights import draw

BRANCHES = ("frontal", "lateral")


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a generator is made of, each a maker: another network of this family brings its own.

    `encoder` gives the six maps of a plane; `link(inside, outside, ray)` is connection B; `fuse`
    is connection C, from two maps to one.
    """

    encoder: Callable[[Plan], nn.Module] = Encoder
    link: Callable[[int, int, int], nn.Module] = Link
    fuse: Callable[[], nn.Module] = Average


class SingleView(nn.Module):
    """A plane (B, 1, D, K) to a volume (B, 1, D, H, W), 0 and up."""

    branches: frozenset[str] = frozenset()

    def __init__(self, plan: Plan, pieces: Pieces, ray: int) -> None:
        super().__init__()
        self.encoder = pieces.encoder(plan)
        self.latent = Latent(plan)
        pairs = zip(plan.maps[-2::-1], plan.decoder[1:], strict=True)
        self.links = nn.ModuleList(pieces.link(*pair, ray) for pair in pairs)
        self.decoder = Decoder(plan, VIEW_BLOCKS)

    def forward(self, plane_B1DK: Tensor) -> Tensor:
        """Return the volume."""
        maps, x = self.read(plane_B1DK)
        for k in range(len(self.decoder.works)):
            x = self.decoder.work(k, self.join(k, x, maps))
        return x

    def read(self, plane_B1DK: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the encoder's maps and the coarsest 3D map."""
        maps = self.encoder(plane_B1DK)
        return maps, self.latent(maps[-1])

    def join(self, k: int, x: Tensor, maps: list[Tensor]) -> Tensor:
        """Return level k's map, as it is before a fusion."""
        return self.decoder.join(k, x, self.links[k - 1](maps[-1 - k]) if k else None)


class Biplanar(nn.Module):
    """Two planes (B, 2, D, K), frontal and lateral, to a Prediction.

    At each level the views' maps are fused; the result goes on in the fusion decoder and in
    both views' own. The branches are the volumes that these end in.
    """

    def __init__(self, plan: Plan, pieces: Pieces, branches: bool) -> None:
        super().__init__()
        self.branches = frozenset(BRANCHES if branches else ())
        self.frontal = SingleView(plan, pieces, FRONTAL)
        self.lateral = SingleView(plan, pieces, LATERAL)
        self.fuse = pieces.fuse()
        self.decoder = Decoder(plan, FUSION_BLOCKS)

    def forward(self, planes_B2DK: Tensor) -> Prediction:
        """Return the fused volume and, where they are declared, the branches."""
        views = (self.frontal, self.lateral)
        read = [view.read(planes_B2DK[:, n : n + 1]) for n, view in enumerate(views)]
        maps, xs = [m for m, _ in read], [x for _, x in read]
        volume: Tensor | None = None
        for k in range(len(self.decoder.works)):
            joined = [view.join(k, x, m) for view, x, m in zip(views, xs, maps, strict=True)]
            shared = self.fuse(*joined)
            own = shared if volume is None else self.decoder.join(k, volume, shared)
            volume = self.decoder.work(k, own)
            if self.branches or k + 1 < len(self.decoder.works):
                xs = [view.decoder.work(k, shared) for view in views]
        assert volume is not None
        return Prediction(volume, dict(zip(BRANCHES, xs, strict=True)) if self.branches else {})


def generator(planes: int, plan: Plan, pieces: Pieces, branches: bool) -> nn.Module:
    """Build the net of one plane, a frontal one, or of two, with its weights drawn."""
    two = planes == len(BRANCHES)
    network = Biplanar(plan, pieces, branches) if two else SingleView(plan, pieces, FRONTAL)
    draw(network)
    return network
