"""Access: whether a path is a file that may be opened at all, seen without opening it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def why_closed(path: Path) -> str:
    """Say why a path cannot be opened as a file, and what to do; nothing where it can.

    Pipes and devices are told by their kind alone: opening one may wait for ever.
    """
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError) as error:
        return _why_lost(path, error)
    if not os.access(path, os.R_OK):
        return "may not be read; change its permissions (chmod)"
    if not regular:
        return "no regular file: a pipe, a device, or a folder that cannot be opened"
    if any("\ud800" <= c <= "\udfff" for c in str(path)):
        return "a path that is not UTF-8, which ITK cannot open; rename it"
    return ""


def _why_lost(path: Path, error: OSError | ValueError) -> str:
    code = getattr(error, "errno", None)
    if code == errno.ENOENT and not path.is_symlink():
        return "there is no such file"
    if code == errno.ELOOP:
        return "a link that leads back to itself; copy the file itself"
    if code == errno.ENAMETOOLONG:
        return "a name longer than any file's; give a shorter one"
    told = error.strerror if isinstance(error, OSError) else "no file's name"
    return f"{told}: a broken link, or gone; copy the file itself"
