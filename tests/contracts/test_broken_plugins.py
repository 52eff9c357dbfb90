"""A broken plugin never stops repcat: it is set aside, named with the cause, and missed by name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
Install = Callable[..., Path]

PLUGIN = '''
from __future__ import annotations
from typing import TYPE_CHECKING, Annotated
from annotated_types import Ge
from torch import nn
import repcat
{imports}

def ghost({signature}) -> nn.Module:
    """Build nothing."""
    return nn.Identity()

@repcat.hookimpl
def repcat_register({hook}):
    parts.backbones.add("ghost", {factory})
'''


def plugin(
    signature: str = "source, target",
    hook: str = "parts",
    factory: str = "ghost",
    imports: str = "",
) -> str:
    return PLUGIN.format(signature=signature, hook=hook, factory=factory, imports=imports)


UNREAD = "if TYPE_CHECKING:\n    from decimal import Decimal"
BROKEN = {
    "import error": (plugin(imports="import ectoplasm"), "No module named 'ectoplasm'"),
    "private module that has moved": (
        plugin(imports="from repcat.shapes import Grid, Batch"),
        "its public names stay: write `from repcat import Batch, Grid`",
    ),
    "private name that has gone": (
        plugin(imports="from repcat.models.build import Blueprint"),
        "its public names stay: write `from repcat import NAME`",
    ),
    "syntax error": (plugin() + "\ndef (:", "SyntaxError"),
    "SystemExit at import": (plugin(imports="raise SystemExit(3)"), "SystemExit: 3"),
    "BaseException at import": (
        plugin(imports="class Odd(BaseException): pass\nraise Odd('no such luck')"),
        "Odd: no such luck",
    ),
    "error of many lines": (plugin(imports="raise OSError('a\\n\\n  b')"), "OSError: a b"),
    "wrong hook signature": (plugin(hook="pieces"), "pieces"),
    "hook without argument": (plugin(hook=""), "write repcat_register(parts)"),
    "no hook": ("answer = 42\n", "no function repcat_register(parts) marked with"),
    "unmarked hook": (plugin().replace("@repcat.hookimpl", ""), "marked with @repcat.hookimpl"),
    "misspelt hook": (plugin().replace("repcat_register", "repcat_registr"), "repcat_registr"),
    "error in the hook": (plugin(factory="weights"), "name 'weights' is not defined"),
    "taken name": (plugin().replace('"ghost"', '"unet"'), "one from repcat, one from repcat-ghost"),
    "no name": (plugin().replace('"ghost"', '"a ghost"'), "no name for a part"),
    "unresolvable annotation": (
        plugin("source, target, *, width: Decimal = 1", imports=UNREAD),
        "name 'Decimal' is not defined",
    ),
    "default out of its range": (
        plugin("source, target, *, width: Annotated[int, Ge(1)] = 0"),
        "refuses its own default: width = 0",
    ),
    "default of another type": (
        plugin("source, target, *, width: int = 'wide'"),
        "refuses its own default: width = 'wide'",
    ),
    "one parameter too many": (
        plugin("source, target, width=4"),
        "has width before the star",
    ),
    "one parameter too few": (plugin("source"), "is given source, target"),
    "any option": (plugin("source, target, **options"), "takes **options"),
    "any argument": (plugin("*grids"), "takes *grids"),
    "hidden option": (plugin("source, target, *, use: int = 1"), "an option 'use'"),
    "factory that cannot be called": (plugin(factory="'ghost'"), "cannot be called"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_it_is_set_aside_and_the_rest_works(fault: str, repcat: Run, install: Install) -> None:
    code, reason = BROKEN[fault]
    install("repcat-ghost", code)
    found, out, err = repcat("parts")
    assert (found, "swin_unetr" in out) == (0, True)
    (line,) = [line for line in err.splitlines() if "repcat-ghost" in line]
    assert line.startswith("set aside: plugin repcat-ghost: ")
    assert reason in line
    assert repcat("check", "l2")[0] == 0


DOCTORS = ["import error", "wrong hook signature", "taken name", "unresolvable annotation"]


@pytest.mark.parametrize("fault", DOCTORS)
def test_doctor_names_it_and_the_cause(fault: str, repcat: Run, install: Install) -> None:
    code, reason = BROKEN[fault]
    install("repcat-ghost", code)
    found, out, _ = repcat("doctor")
    assert found == 1
    (line,) = [line for line in out.splitlines() if line.startswith("trouble: plugin repcat-ghost")]
    assert reason in line
    assert line.endswith("reinstall it, or pip uninstall repcat-ghost")


@pytest.mark.parametrize("fault", ["import error", "syntax error", "any option"])
def test_who_asks_for_its_part_is_told_which_plugin_has_it(
    fault: str, repcat: Run, install: Install
) -> None:
    install("repcat-ghost", BROKEN[fault][0])
    install("repcat-other", "import ectoplasm")
    code, _, err = repcat("parts", "backbones", "ghost")
    assert code == 2
    assert "it would have come from a plugin that could not be loaded: repcat-ghost (" in err
    assert "repcat-other" not in err
    code, _, err = repcat("check", "ghost")
    assert (code, "plugin repcat-ghost has it" in err) == (2, True)
    code, _, err = repcat("check", "repcat-ghost")
    assert (code, "plugin repcat-ghost was set aside" in err) == (2, True)


def test_an_entry_point_may_name_what_is_not_there(repcat: Run, install: Install) -> None:
    install("repcat-ghost", plugin(), entries="[repcat]\na = repcat_ghost:plugin\n")
    install("repcat-other", None)
    install("repcat-third", plugin(), entries="[repcat]\na = repcat ghost!\n")
    code, _, err = repcat("parts")
    assert code == 0
    assert "repcat-ghost: AttributeError: module 'repcat_ghost' has no attribute 'plugin'" in err
    assert "repcat-other: ModuleNotFoundError: No module named 'repcat_other'" in err
    assert "repcat-third: " in err


def test_two_distributions_may_call_their_entry_points_the_same(
    repcat: Run, install: Install
) -> None:
    install("repcat-one", plugin().replace('"ghost"', '"one"'))
    install("repcat-two", plugin().replace('"ghost"', '"two"'))
    code, out, err = repcat("parts", "backbones")
    assert (code, err) == (0, "")
    assert "[repcat-one]" in out
    assert "[repcat-two]" in out


def test_a_distribution_without_metadata_still_loads(repcat: Run, install: Install) -> None:
    install("repcat-bare", plugin(), metadata=None)
    code, out, err = repcat("parts")
    assert code == 0
    assert "ghost" in out + err


def test_what_a_plugin_prints_does_not_spoil_json(repcat: Run, install: Install) -> None:
    import json

    install("repcat-loud", plugin(imports="print('hello')"))
    _, out, err = repcat("parts", "--json")
    assert "hello" in err
    assert any(p["name"] == "ghost" for p in json.loads(out)["parts"])


COMMANDS = ["--help", "--version", "parts", "prepare --help", "train --help", "metrics --help"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_starts_beside_a_plugin_that_exits(
    command: str, repcat: Run, install: Install
) -> None:
    install("repcat-ghost", BROKEN["SystemExit at import"][0])
    assert repcat(*command.split())[0] == 0


@pytest.mark.slow
def test_a_new_process_starts_beside_a_plugin_that_exits(install: Install, tmp_path: Path) -> None:
    site = install("repcat-ghost", BROKEN["SystemExit at import"][0])
    words = [sys.executable, "-m", "repcat", "parts"]
    environment = {"PYTHONPATH": str(site), "PATH": "", "HOME": str(tmp_path)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "set aside: plugin repcat-ghost: SystemExit: 3" in done.stderr
