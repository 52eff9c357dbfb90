"""Spared compiler: optimisers that do not load torch._dynamo, which takes two seconds."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import Optimizer

COMPILER = "torch._dynamo"
METHODS = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
MARK = "__dynamo_disable"  # where torch/_compile.py keeps how a function is called uncompiled


def spare_compiler() -> None:
    """Let optimisers work without the compiler, as long as nothing else loads it.

    torch says of these methods that they are not to be compiled, and loads the compiler at their
    first call to say so. While it is not loaded nothing can be compiled: the method itself is
    called. Once it is, torch's own way is taken. Where torch does without, nothing changes.
    """
    for name in METHODS:
        method = getattr(getattr(Optimizer, name), "__wrapped__", None)
        if method is not None and not hasattr(method, MARK):
            setattr(method, MARK, _while_unloaded(name, method))


def step(optimiser: Optimizer) -> None:
    """Take a step; without the compiler where it is not loaded, which torch's own call would do.

    That call tells the compiler to break its graph, turns gradients off and runs hooks; of these
    only the gradients are left then. The bits are the same.
    """
    plain = inspect.unwrap(type(optimiser).step)
    if COMPILER in sys.modules or optimiser.defaults.get("differentiable"):
        optimiser.step()
        return
    with torch.no_grad():
        plain(optimiser)


def _while_unloaded(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:  # noqa: ANN401  (as the method has it)
        if COMPILER not in sys.modules:
            return method(*args, **options)
        delattr(method, MARK)
        return getattr(Optimizer, name)(*args, **options)

    return call
