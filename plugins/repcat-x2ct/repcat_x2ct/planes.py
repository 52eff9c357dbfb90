"""How an X-ray lies in the volume: the one place of this package that knows directions.

The published network takes images whose axes are the volume's own: X-ray 1 is (D, W), X-ray 2 is
(D, H). repcat's rows run from head to foot, against z, and columns as seen from the detector. A
*plane* here is an X-ray turned so that both its axes grow with the volume's indices.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from repcat import PartError, View

# Axes of (B, C, D, H, W) along which a frontal and a lateral ray run: front to back, side to side.
FRONTAL, LATERAL = 3, 4


@dataclass(frozen=True, slots=True)
class Plane:
    """The ray's axis in (B, C, D, H, W), and whether columns run against the volume's index."""

    ray: int
    turned: bool

    def of(self, image_BRC: Tensor) -> Tensor:
        """Turn an X-ray (B, rows, columns) into (B, D, W) or, of a lateral view, (B, D, H)."""
        return image_BRC.flip((1, 2) if self.turned else (1,))


def plane_of(view: View) -> Plane:
    """Return how a view lies in the volume.

    Raises:
        PartError: when its rays run along no axis of the volume.
    """
    x, y, _ = view.columns
    if min(abs(x), abs(y)) > 1e-6:  # a cosine of 90 degrees, up to rounding
        msg = (
            f"X2CT-GAN cannot use the view {view}: it repeats images along the volume's axes; set "
            "data.views to frontal (0 or 180) and lateral (90 or 270 degrees)"
        )
        raise PartError(msg, code="view-off-axis")
    frontal = abs(x) > abs(y)
    return Plane(FRONTAL if frontal else LATERAL, (x if frontal else y) < 0)


def repeated(plane: Tensor, ray: int) -> Tensor:
    """Repeat (B, C, D, K) along the ray's axis, to a view of (B, C, D, H, W) with H = W = K."""
    shape = [-1] * 5
    shape[ray] = plane.shape[-1]
    return plane.unsqueeze(ray).expand(shape)
