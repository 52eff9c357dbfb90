"""Maps of 2D features as coarse volumes, each view's along its own ray axis."""

from __future__ import annotations

from torch import Tensor

from repcat import Grid, PartError, Task, View
from repcat_plugins.mappers.axis_layout import Placement, place


class CoarseGrid:
    """Maps (B, C, rows, columns), one a view, to volumes (B, C', d, h, w).

    The volume is as fine as the maps. Along a view's ray axis its map is repeated, or, where
    `folded`, its channels are dealt out: C = C' * depth, depth last.
    """

    def __init__(self, task: Task, features: Grid, folded: bool) -> None:
        rows = features.size[0]
        # As many voxels as rows from head to foot, the other sides in the volume's proportions.
        depth, height, width = task.volume.size
        self.size = (rows, height * rows // depth, width * rows // depth)
        self.folded = folded
        self.placements = [place(view, "transpose") for view in task.views]
        channels = {self._channels(task, v, p, features) for v, p in self._pairs(task)}
        if len(channels) > 1:
            msg = (
                "mapper 'encoder2d' with grid = 'reshape' needs a volume of equal sides, not "
                f"{' x '.join(map(str, task.volume.size))}: views at right angles differ in depth"
            )
            raise PartError(msg, code="sizes-do-not-meet")
        self.out = Grid(channels.pop(), self.size)

    def __call__(self, maps: list[Tensor]) -> list[Tensor]:
        """Return a volume for each view."""
        pairs = zip(self.placements, maps, strict=True)
        return [self._volume(placement, map_BCRC) for placement, map_BCRC in pairs]

    def _volume(self, placement: Placement, map_BCRC: Tensor) -> Tensor:
        patients = map_BCRC.shape[0]  # not len(): a traced batch axis stays free
        if self.folded:
            depth = self.size[placement.ray - 1]
            volumes = placement.stand(map_BCRC.reshape(-1, depth, *map_BCRC.shape[2:]))
        else:
            volumes = placement.fill(map_BCRC.flatten(0, 1), self.size)
        return volumes.reshape(patients, -1, *self.size)

    def _pairs(self, task: Task) -> list[tuple[View, Placement]]:
        return list(zip(task.views, self.placements, strict=True))

    def _channels(self, task: Task, view: View, placement: Placement, features: Grid) -> int:
        size = (0, *self.size)
        if features.size != (size[placement.rows], size[placement.columns]):
            msg = (
                f"mapper 'encoder2d' cannot lay maps of {' x '.join(map(str, features.size))} "
                f"for view {view} into a volume of {' x '.join(map(str, task.volume.size))}: "
                "images and volume must have the same proportions; or set mapper.grid = 'point'"
            )
            raise PartError(msg, code="sizes-do-not-meet")
        if not self.folded:
            return features.channels
        depth = size[placement.ray]
        if features.channels % depth:
            msg = (
                f"mapper 'encoder2d' with grid = 'reshape' deals {features.channels} channels out "
                f"to {depth} slices, which leaves a rest; set mapper.channels to a multiple"
            )
            raise PartError(msg, code="wrong-options")
        return features.channels // depth
