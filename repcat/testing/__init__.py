"""For plugin authors: one line of pytest says whether a part keeps to the rules.

    from repcat.testing import check_backbone

    def test_it_keeps_to_the_rules() -> None:
        check_backbone(bottleneck)

Each check takes a part's factory (or the name of an installed one), tries it at the smallest size
it takes, and raises AssertionError with a line for each broken rule: what is wrong and what to do.
`options` are the part's own, as a recipe would set them; small ones make the check quick.
`verdicts` gives the same as a list, as `repcat check` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from repcat.registry.plugins import load_parts
from repcat.testing.result import Verdict, check_all
from repcat.testing.run_rules import verdicts
from repcat.types import Grid

Options = Mapping[str, Any] | None
Part = Callable[..., Any] | str


def installed(kind: str, name: str) -> Callable[..., Any]:
    """Return the factory of an installed part, such as a projector that a test needs X-rays of.

    Raises:
        PartError: when no plugin brings it.
    """
    return load_parts().registry(kind).get(name).factory


def check_dataset(part: Part, *, size: int | None = None, options: Options = None) -> None:
    """Check a dataset: splits apart, what was requested, the same bits twice, its geometry true."""
    check_all(verdicts("datasets", part, options=options, size=size))


def check_mapper(part: Part, *, size: int | None = None, options: Options = None) -> None:
    """Check a mapper: its grid in 1, 2 and 8 views, finite, bf16, resumes bit for bit."""
    check_all(verdicts("mappers", part, options=options, size=size))


def check_backbone(
    part: Part, *, size: int | None = None, source: Grid | None = None, options: Options = None
) -> None:
    """Check a backbone: its grid, every weight trained, patients apart, bf16, resumes bit for bit.

    Args:
        part: the factory (source, target, *, options), or a name.
        size: voxels a side; the smallest that it takes, if it is left out.
        source: the grid it reads; a volume of two channels, images, a coarse grid or a point,
            whichever it takes first, if it is left out.
        options: as a recipe would set them.
    """
    check_all(verdicts("backbones", part, options=options, size=size, source=source))


def check_objective(
    part: Part,
    *,
    size: int | None = None,
    source: Grid | None = None,
    backbone: Callable[..., Any] | None = None,
    options: Options = None,
) -> None:
    """Check an objective: its players alone move, no yield inside a `with`, resumes bit for bit.

    It trains a stand-in that gives the volume for every branch it reads; give `backbone`, a
    function of (source, target), where that is not enough.
    """
    hints = {"size": size, "source": source, "backbone": backbone}
    check_all(verdicts("objectives", part, options=options, **hints))


def check_projector(part: Part, *, options: Options = None) -> None:
    """Check a projector: air is 0, a cube mu times its edge, linear, a ball where it should be."""
    check_all(verdicts("projectors", part, options=options))


def check_metric(part: Part, *, options: Options = None) -> None:
    """Check a metric: one finite number, best at the truth, worse with more noise."""
    check_all(verdicts("metrics", part, options=options))


def check_protocol(part: Part, *, options: Options = None) -> None:
    """Check a protocol: a column for each figure, the truth best, the offset its PSNR has."""
    check_all(verdicts("protocols", part, options=options))


__all__ = [
    "Verdict",
    "check_backbone",
    "check_dataset",
    "check_mapper",
    "check_metric",
    "check_objective",
    "check_projector",
    "check_protocol",
    "installed",
    "verdicts",
]
