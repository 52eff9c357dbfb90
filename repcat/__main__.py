"""`python -m repcat`."""

from repcat.cli import main

main()
