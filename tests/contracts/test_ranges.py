"""Every number that a recipe may set has a least and a largest value."""

from typing import Annotated, get_args, get_origin

import pytest

from repcat.config import schema
from repcat.config.draw_table import DrawTable
from repcat.config.film_table import FilmTable
from repcat.registry.options import annotations_of
from repcat.registry.plugins import load_parts
from repcat.studies.schema import StudyTable

PARTS = {
    f"{kind.kind}.{name}": kind.get(name).factory
    for kind in load_parts().registries()
    for name in kind.names()
}
OURS = (
    schema.DataTable,
    DrawTable,
    schema.AugmentTable,
    FilmTable,
    schema.OptimTable,
    schema.TrainTable,
    StudyTable,
)
FREE = {"DataTable.views", "DataTable.views_drawn"}  # any turn; checked against the views


def numbers(hint, notes=()):
    """Yield the notes of each number in an annotation."""
    if get_origin(hint) is Annotated:
        inner, *own = get_args(hint)
        yield from numbers(inner, own)
    elif hint in (int, float):
        yield notes
    elif get_origin(hint) is tuple:
        for one in get_args(hint):
            yield from numbers(one)


@pytest.mark.parametrize("name", [*PARTS, *(table.__name__ for table in OURS)])
def test_numbers_have_a_least_and_a_largest_value(name):
    factory = PARTS.get(name) or next(t for t in OURS if t.__name__ == name)
    for option, hint in annotations_of(factory).items():
        for notes in numbers(hint):
            low = any(hasattr(n, "ge") or hasattr(n, "gt") for n in notes)
            high = any(hasattr(n, "le") or hasattr(n, "lt") for n in notes)
            assert (low and high) or f"{name}.{option}" in FREE, option
