"""Kinds of engines: their names, what they need of this machine, how far they may differ."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Literal

from repcat.errors import RepcatError

EngineName = Literal["auto", "eager", "compiled", "onnxruntime", "openvino", "openvino-bf16"]
EAGER, AUTO = "eager", "auto"

# Largest difference of any voxel from eager float32, as shares of the window's width.
# float32: sums in another order; Swin UNETR came to 4e-5, U-Nets to 6e-7. An export has the same.
FLOAT32 = 1e-4
# bf16 keeps 8 bits: 2e-3 of a number a rounding. The quickstart's U-Net came to 4e-3, Swin UNETR
# of width 48 to 6e-3; three times that.
BF16 = 2e-2


@dataclass(frozen=True, slots=True)
class Kind:
    """What can compute a backbone; `package` does, `extra` of repcat brings it.

    `graph` says that it reads model.onnx and computes on the processor; `tolerance` is in shares of
    the window's width.
    """

    name: str
    package: str
    extra: str
    tolerance: float = FLOAT32
    graph: bool = True

    @property
    def version(self) -> str:
        """The version of what computes."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return "0"

    @property
    def label(self) -> str:
        """Name and version, as records keep them."""
        return f"{self.name} {self.version}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The packages that must be there; the graph is written by two of them."""
        return (self.package, "onnx", "onnxscript") if self.graph else (self.package,)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("compiled", "torch", "", graph=False),
        Kind("onnxruntime", "onnxruntime", "onnx"),
        Kind("openvino", "openvino", "openvino"),
        Kind("openvino-bf16", "openvino", "openvino", BF16),
    )
}


def kind_of(label: str) -> Kind | None:
    """Return the kind that a name or a record's label tells; None: eager.

    Raises:
        RepcatError: where there is none of this name.
    """
    name = label.partition(" ")[0]
    if name == EAGER:
        return None
    if name not in KINDS:
        msg = f"there is no engine {name!r} here; there are {', '.join((EAGER, *KINDS))}"
        raise RepcatError(msg, code="no-such-engine")
    return KINDS[name]


def check_usable(kind: Kind, device: str) -> None:
    """Raise RepcatError where this machine cannot use an engine, saying what it lacks."""
    if lack := lacks(kind, device):
        msg = f"engine {kind.name} {lack}; or take --engine eager"
        raise RepcatError(msg, code="engine-unusable")


def candidates(device: str) -> list[Kind]:
    """Return the kinds that are worth a measurement here.

    On a processor `compiled` is none: it is compiled anew in each process, and gained 1.16 with the
    quickstart's U-Net. On CUDA it is the only one.
    """
    kinds = [kind for kind in KINDS.values() if kind.graph == (device == "cpu")]
    return [kind for kind in kinds if not lacks(kind, device)]


def lacks(kind: Kind, device: str) -> str:
    """Say what a device and this installation lack for an engine; empty where it can be had."""
    return next(_lacking(kind, device), "")


def _lacking(kind: Kind, device: str) -> Iterator[str]:
    if missing := [name for name in kind.needs if not find_spec(name)]:
        yield f"needs {', '.join(missing)}: pip install 'repcat[{kind.extra}]'"
    elif kind.graph and device != "cpu":
        yield f"computes on the processor, not on {device}: give --device cpu with it"
    elif kind.tolerance == BF16 and not has_bf16():
        yield "needs a processor with bf16 (AVX512-BF16 or AMX): take openvino"
    elif not kind.graph and not shutil.which(compiler()):
        yield f"needs a C++ compiler, and there is no {compiler()}: install g++, or name one in CXX"


def compiler() -> str:
    """Return the C++ compiler that torch.compile will call."""
    return os.environ.get("CXX") or "g++"


@cache
def has_bf16() -> bool:
    """Whether OpenVINO computes in bf16 on this processor by its own instructions."""
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
