"""The version of repcat."""

__version__ = "0.1.0"
