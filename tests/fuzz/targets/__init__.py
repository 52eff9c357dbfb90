"""Every reader of the program, as a target."""

from tests.fuzz.target import TARGETS
from tests.fuzz.targets import dataset, exported, films, recipes, runs, scans, words

__all__ = ["TARGETS", "dataset", "exported", "films", "recipes", "runs", "scans", "words"]
