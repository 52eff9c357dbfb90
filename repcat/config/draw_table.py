"""[data.views_drawn] as a table: how many views a training batch sees, and which."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le
from typing_extensions import Doc

from repcat.config.ranges import Share
from repcat.view import MOST_VIEWS

Degrees = Annotated[float, Ge(0), Le(360)]
Weight = Annotated[float, Ge(0), Le(1e6)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawTable:
    """How many of the views a training batch sees, and which: one draw a batch.

    The other batches see 3 to `most` views, evenly on a logarithmic scale. A pattern says where
    views are wanted; each place takes the nearest view that is still free.
    """

    one: Annotated[Share, Doc("share of batches of one view")] = 0.15
    two: Annotated[Share, Doc("share of batches of two views")] = 0.35
    most: Annotated[int, Ge(1), Le(MOST_VIEWS), Doc("most views of the other batches")] = 8
    frontal_lateral: Annotated[
        Weight, Doc("weight of 0 and 90 degrees, each up to `slip` off, with random ones if more")
    ] = 0.5
    even: Annotated[
        Weight, Doc("weight of even steps over 180 degrees, from a random azimuth on")
    ] = 0.125
    random: Annotated[Weight, Doc("weight of any views")] = 0.125
    limited_arc: Annotated[
        Weight, Doc("weight of random azimuths within an arc that is `arc` wide")
    ] = 0.125
    clusters: Annotated[
        Weight, Doc("weight of two random azimuths, with all views about them by turns")
    ] = 0.125
    slip: Annotated[float, Ge(0), Le(45), Doc("degrees that frontal and lateral are off")] = 5.0
    arc: Annotated[
        tuple[Degrees, Degrees], Doc("degrees that the narrowest and widest limited arc have")
    ] = (30.0, 120.0)
    spread: Annotated[
        float, Ge(0), Le(180), Doc("degrees from a cluster's middle to its farthest view")
    ] = 10.0
