"""timm, importable also where torchvision was built for another torch.

The torchvision of PyPI is built for CUDA. Beside a CPU build of torch its operators do not load,
and `import torchvision` ends in "operator torchvision::nms does not exist"; timm imports
torchvision for its image transforms, so it falls too, though no encoder needs such an operator.
Declaring the two missing ones lets the import finish. On a healthy machine nothing is touched.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

import torch

# Their schemas, as torchvision declares them.
_MISSING = ("torchvision::nms", "torchvision::qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def import_timm() -> ModuleType:
    """Import timm, curing torchvision first where it needs it."""
    # Tensors that modules make at import must be real, also while a model is built on `meta`.
    with torch.device("cpu"):
        try:
            import_module("torchvision")
        except RuntimeError as error:
            if "torchvision::nms" not in str(error):
                raise
            _cure()
        return import_module("timm")


def _cure() -> None:
    for name in [m for m in sys.modules if m.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # half-imported
    for operator in _MISSING:
        torch.library.define(operator, _SCHEMA)
