"""Device: which one computes, and how much memory it took."""

from __future__ import annotations

import platform
import re
import resource
from pathlib import Path

from repcat.errors import RepcatError


def choose(name: str = "auto") -> str:
    """Return 'cpu' or a CUDA device; `auto` takes CUDA where it works.

    Raises:
        RepcatError: when CUDA is asked for and there is none.
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if not re.fullmatch(r"cpu|cuda(:\d+)?", name):
        msg = f"--device {name}: there are auto, cpu, cuda and cuda:N"
        raise RepcatError(msg, code="no-such-device")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name.startswith("cuda") and count == 0:
        msg = f"--device {name}: this torch ({torch.__version__}) finds no CUDA device; use cpu"
        raise RepcatError(msg, code="no-cuda")
    if name.startswith("cuda:") and int(name[5:]) >= count:
        msg = f"--device {name}: there are cuda:0 to cuda:{count - 1}"
        raise RepcatError(msg, code="no-such-device")
    return name


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory, the processor's or a CUDA device's, is used up.

    torch says so by an OutOfMemoryError, or by a plain RuntimeError in words of its allocators.
    """
    words = ("allocate memory", "out of memory", "ALLOC_FAILED")
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error) for word in words)
    )


def describe(device: str) -> str:
    """Name the processor behind a device."""
    import torch

    if device.startswith("cuda"):
        return str(torch.cuda.get_device_name(device))
    return f"CPU, {torch.get_num_threads()} threads"


def processor() -> str:
    """Name the processor and the instructions that torch uses of it."""
    import torch

    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    model = next(named, platform.processor() or platform.machine())
    return f"{model}, {torch.backends.cpu.get_cpu_capability()}"


def half_precision_on_cpu() -> bool:
    """Whether the processor computes bf16 in hardware; emulated it is many times slower.

    A U-Net's step took five times as long as in fp32 on a processor with AVX2 alone.
    """
    import torch

    return torch.backends.mkldnn.is_available() and bool(
        torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )


def peak_memory_gb(device: str) -> float:
    """Return the most memory used so far: of the process, or on the CUDA device, in GB."""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device) / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
