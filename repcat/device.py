"""Which device computes, and how much memory it took."""

from __future__ import annotations

import resource

from repcat.errors import RepcatError


def choose(name: str = "auto") -> str:
    """Return 'cpu' or a CUDA device; `auto` takes CUDA where it works.

    Raises:
        RepcatError: when CUDA is asked for and there is none.
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name.split(":")[0] not in ("cpu", "cuda"):
        msg = f"--device {name}: there are auto, cpu, cuda and cuda:N"
        raise RepcatError(msg)
    if name.startswith("cuda") and not torch.cuda.is_available():
        msg = f"--device {name}: this torch ({torch.__version__}) finds no CUDA device; use cpu"
        raise RepcatError(msg)
    return name


def describe(device: str) -> str:
    """Name the processor behind a device."""
    import torch

    if device.startswith("cuda"):
        return str(torch.cuda.get_device_name(device))
    return f"CPU, {torch.get_num_threads()} threads"


def peak_memory_gb(device: str) -> float:
    """Return the most memory used so far: of the process, or on the CUDA device, in GB."""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device) / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
