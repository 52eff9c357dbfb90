"""Peak memory: of this process, or of its CUDA device, forgotten where the system can forget."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from repcat import device
from repcat.errors import RepcatError

STATUS = Path("/proc/self/status")


def forget_peak(on: str) -> None:
    """Begin anew to note the most memory used."""
    if on.startswith("cuda"):
        import torch

        torch.cuda.reset_peak_memory_stats(on)
        return
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # Linux


def peak_gb(on: str) -> float:
    """Return the most memory used since it was forgotten; ever, where the system cannot forget."""
    if not on.startswith("cuda"):
        with suppress(OSError):
            lines = STATUS.read_text(encoding="ascii").splitlines()
            peak = next(line for line in lines if line.startswith("VmHWM"))
            return int(peak.split()[1]) * 1024 / 1e9
    return device.peak_memory_gb(on)


def check_measurable(on: str) -> None:
    """Raise RepcatError where a process cannot tell its own peak of memory from its parent's."""
    if not on.startswith("cuda") and not STATUS.is_file():
        msg = (
            f"memory cannot be measured here: {STATUS} is missing, which Linux has; run it on "
            "Linux, or measure this machine by `repcat bench train` without --against"
        )
        raise RepcatError(msg, code="cannot-measure")
