"""What a registry takes and refuses: the signature rules, one line each."""

import functools
from typing import Annotated, Any

import pytest
from annotated_types import Ge

from repcat.config.schema import DataTable
from repcat.errors import PartError, PluginError
from repcat.registry.options import keyword_parameters
from repcat.registry.registry import Registry
from repcat.registry.signature import GIVEN, TAKEN, call_of, check_signature


class Whole:
    def __init__(self, source: object, target: object, *, width: int = 1) -> None:
        """Do nothing."""


def unread(source: object, target: object, *, width: "Decimal" = 1) -> None:  # noqa: F821
    """Name a type that nobody imported."""


BAD: dict[str, tuple[Any, str]] = {
    "one parameter too many": (
        lambda source, target, width=4: None,
        "has width before the star: options of the recipe come after it",
    ),
    "one too few": (lambda source: None, "takes 1 before the star, but is given source, target"),
    "any option": (lambda source, target, **options: None, "takes **options: name each option"),
    "any argument": (lambda *grids: None, "takes *grids: name each option"),
    "an option that is the recipe's": (
        lambda source, target, *, use=1: None,
        "has an option 'use', which a recipe takes for its own: rename it",
    ),
    "an annotation that cannot be read": (unread, "name 'Decimal' is not defined"),
    "nothing that can be called": ("net", "is 'net', which cannot be called"),
    "no signature": (type, "has no signature that Python can read"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_backbone_that_could_not_be_called_is_refused(fault: str) -> None:
    factory, reason = BAD[fault]
    with pytest.raises(PluginError) as caught:
        check_signature("backbones", "net", factory)
    told = str(caught.value)
    assert told.startswith("backbone 'net' ") and reason in told and "\n" not in told


def test_the_refusal_says_how_the_part_is_called() -> None:
    with pytest.raises(PluginError, match=r"it is called net\(source, target, \*, <options>\)"):
        check_signature("backbones", "net", lambda: None)


@pytest.mark.parametrize(
    ("annotation", "default", "problem"),
    [
        (Annotated[int, Ge(1)], 0, "width = 0: input should be greater than or equal to 1"),
        (int, "wide", "width = 'wide': input should be a valid integer"),
    ],
)
def test_a_default_that_its_own_annotation_refuses_is_refused(annotation, default, problem) -> None:
    def net(source, target, *, width=default): ...

    net.__annotations__["width"] = annotation
    with pytest.raises(PluginError, match=f"refuses its own default: {problem}"):
        check_signature("backbones", "net", net)


OF_SO_MANY = [lambda: None, lambda a: None, lambda a, b: None, lambda a, b, extra: None]


@pytest.mark.parametrize("kind", GIVEN)
def test_a_factory_of_each_kind_takes_what_it_is_given_and_no_more(kind: str) -> None:
    count = len(GIVEN[kind])
    check_signature(kind, "part", OF_SO_MANY[count])
    with pytest.raises(PluginError, match="before the star: options"):
        check_signature(kind, "part", OF_SO_MANY[count + 1])
    assert call_of(kind, "part") == f"part({', '.join([*GIVEN[kind], '*', '<options>'])})"


@pytest.mark.parametrize("factory", [Whole, functools.partial(Whole, width=2)])
def test_a_class_and_a_partial_are_factories(factory) -> None:
    registry = Registry("backbones")
    registry.add("whole", factory)
    assert registry.get("whole").factory is factory


@pytest.mark.parametrize("name", ["", "a net", "-net", 3, "nét"])
def test_what_is_no_name_is_refused(name) -> None:
    with pytest.raises(PluginError, match="is no name for a part"):
        Registry("backbones").add(name, Whole)


def test_a_missing_name_among_few_is_answered_with_all() -> None:
    registry = Registry("backbones")
    with pytest.raises(PartError, match="there are none"):
        registry.get("whole")
    registry.add("whole", Whole)
    with pytest.raises(PartError, match=r"there are whole; docs/messages\.md#no-such-part"):
        registry.get("xyz")


def test_a_datasets_option_cannot_hide_behind_a_key_of_the_data_table() -> None:
    assert set(TAKEN["datasets"]) == {"use", *keyword_parameters(DataTable)}
