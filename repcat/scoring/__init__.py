"""Scores of predictions: metrics, named protocols, trivial baselines, intervals."""

import lazy_loader

# What is scored by where no protocol is named.
DEFAULT_PROTOCOLS = ("standard", "seed2024", "x2ct2019")

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, ["metrics"])
