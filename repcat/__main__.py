"""The program `repcat`, and `python -m repcat`."""

from __future__ import annotations

import sys

from repcat.startup import allocator


def start() -> None:
    """Settle the allocator, which comes before any heavy import, then run the command line."""
    allocator.settle(sys.argv[1:])
    from repcat.cli import main

    main()


if __name__ == "__main__":
    start()
