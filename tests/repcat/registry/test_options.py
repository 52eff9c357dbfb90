"""A signature is a schema."""

from typing import Annotated, Literal

from annotated_types import Ge
from typing_extensions import Doc

from repcat.registry import options


def part(
    task: object,
    *,
    width: Annotated[int, Ge(1), Doc("channels")] = 4,
    mode: Literal["a", "b"] = "a",
    rate: float,
) -> None:
    """Do nothing."""


class Whole:
    def __init__(self, task: object, *, depth: Annotated[int, Ge(2)] = 3) -> None:
        """Do nothing."""


def test_positional_parameters_are_not_the_recipes():
    assert list(options.keyword_parameters(part)) == ["width", "mode", "rate"]


def test_defaults_are_filled_in():
    assert options.check_options(part, {"rate": 1}, "x") == (
        {"width": 4, "mode": "a", "rate": 1.0},
        [],
    )


def test_every_problem_is_told_at_once_with_its_place():
    _, problems = options.check_options(part, {"widht": 2, "width": 0, "mode": "c"}, "backbone")
    assert len(problems) == 4
    assert problems[0] == "backbone.widht is unknown; did you mean 'width'?"
    assert any(p.startswith("backbone.width = 0: ") for p in problems)
    assert "backbone.rate is missing" in problems


def test_a_class_is_checked_by_its_constructor():
    assert options.check_options(Whole, {}, "x")[0] == {"depth": 3}
    assert options.check_options(Whole, {"depth": 1}, "x")[1]


def test_an_option_shows_its_range_and_its_meaning():
    width = options.options_of(part)[0]
    assert (width.type, width.doc, width.default) == ("int >= 1", "channels", 4)
    assert options.options_of(part)[1].type == "'a' | 'b'"
    assert options.options_of(part)[2].required
