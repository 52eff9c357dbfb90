"""SimpleITK, quiet: imported when a volume or a picture is read or written."""

from __future__ import annotations

from typing import Any

Image = Any  # SimpleITK's, which has no types; so has its reader of headers
ImageReader = Any


def simpleitk() -> Any:  # noqa: ANN401  a module without types
    """Import SimpleITK and keep its warnings off the terminal: errors reach us as exceptions."""
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    return SimpleITK
