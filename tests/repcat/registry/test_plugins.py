"""Plugins come one by one; a broken one is set aside and named."""

from types import SimpleNamespace

import pytest

import repcat
from repcat.errors import PartError, Stopped
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_entry_point, register


def plugin(name: str):
    @repcat.hookimpl
    def repcat_register(parts):
        parts.backbones.add(name, lambda source, target: None)

    return SimpleNamespace(repcat_register=repcat_register)


def test_a_name_taken_twice_sets_the_second_plugin_aside_and_names_both():
    parts = Parts()
    register(parts, "first", "1", plugin("net"))
    register(parts, "second", "1", plugin("net"))
    assert parts.backbones.get("net").origin == "first"
    assert "first" in parts.broken[0].reason and "second" in parts.broken[0].reason


def test_a_plugin_that_fails_half_way_leaves_nothing_behind():
    @repcat.hookimpl
    def repcat_register(parts):
        parts.mappers.add("half", lambda task: None)
        raise OSError("no weights")

    parts = Parts()
    register(parts, "half", "1", SimpleNamespace(repcat_register=repcat_register))
    assert parts.mappers.names() == []
    assert parts.broken[0].plugin == "half" and "no weights" in parts.broken[0].reason


@pytest.mark.parametrize("way", [KeyboardInterrupt(), Stopped(15)])
def test_a_signal_while_plugins_load_ends_the_program_and_is_no_fault_of_theirs(way):
    @repcat.hookimpl
    def repcat_register(parts):
        raise way

    def load():
        raise way

    entry = SimpleNamespace(load=load, dist=None, name="slow", value="slow")
    with pytest.raises(type(way)):
        register(Parts(), "slow", "1", SimpleNamespace(repcat_register=repcat_register))
    with pytest.raises(type(way)):
        load_entry_point(Parts(), entry)


def test_a_plugin_that_cannot_be_imported_is_named_when_its_part_is_missed():
    class Entry:
        name, dist = "ghost", SimpleNamespace(name="repcat-ghost", version="1")

        def load(self):
            raise ImportError("no module named ectoplasm")

    parts = Parts()
    load_entry_point(parts, Entry())
    with pytest.raises(PartError, match="code: no-such-part"):
        parts.backbones.get("spectre")


def test_a_hook_with_a_wrong_signature_is_set_aside():
    @repcat.hookimpl
    def repcat_register(pieces):
        raise AssertionError

    parts = Parts()
    register(parts, "wrong", "1", SimpleNamespace(repcat_register=repcat_register))
    assert parts.broken[0].plugin == "wrong"


def test_an_unknown_name_gets_the_nearest_one():
    parts = Parts()
    register(parts, "first", "1", plugin("swin_unetr"))
    with pytest.raises(PartError, match="did you mean 'swin_unetr'"):
        parts.backbones.get("swin_unet")
    with pytest.raises(PartError, match="did you mean 'backbones'"):
        parts.registry("backbonez")


def test_the_paper_is_a_plugin_like_any_other(parts):
    assert parts.plugins == {"repcat": "0"}
    assert "repeat_concat" in parts.mappers.names()
