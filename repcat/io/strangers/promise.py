"""Promise: how many bytes a header says that a file unpacks to; can it hold them?"""

from __future__ import annotations

from repcat.errors import DataError
from repcat.io.strangers import limits

DENSEST = 1100  # times: deflate packs 1032 to 1, and no codec of scans comes near
ROOM = 16  # times what is promised: the copies that reading makes


def check_promise(promised: int, size: int, *, packed: bool, large: bool) -> None:
    """Raise DataError where `size` bytes cannot hold what is promised, or it is a suspicious lot.

    More than 1 GB and 100 times the file needs `large`, the user's yes; memory is allowed for it.
    """
    if promised > size * (DENSEST if packed else 1):
        msg = (
            f"cannot be read: cut short, damaged or hostile: its header promises {told(promised)} "
            f"and the file has {told(size)}; copy or export it again"
        )
        raise DataError(msg, code="promise-too-large")
    if large:
        limits.memory(limits.allowance(size) + ROOM * promised)
    elif promised > limits.allowance(size):
        what = f"its header promises {told(promised)} of a file of {told(size)}"
        raise too_large(what)


def too_large(what: str) -> DataError:
    """Make the error of a file that takes too much, with what lets it in."""
    msg = f"{what}: a bomb, or empty for the most; if you trust it, prepare or predict with "
    return DataError(msg + "--large-files", code="large-file")


def wants_memory(error: Exception) -> bool:
    """Whether an error of any library says that memory was refused."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "memory" in text or "bad_alloc" in text


def told(size: int) -> str:
    """Write a number of bytes as people do."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
