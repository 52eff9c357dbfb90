"""Every reader of the program, as a target."""

from tests.fuzz.target import TARGETS
from tests.fuzz.targets import dataset, exported, films, recipes, runs, scans, words

# Those of the program; a test may add broken ones.
READERS = tuple(TARGETS)
MODULES = (dataset, exported, films, recipes, runs, scans, words)
