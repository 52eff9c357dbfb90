"""Every reader of the program, as a target."""

from importlib import import_module
from importlib.util import find_spec

from tests.fuzz.target import TARGETS
from tests.fuzz.targets import dataset, exported, films, recipes, runs, scans, words

MODULES = [dataset, exported, films, recipes, runs, scans, words]
for _needed, _module in (
    ("repcat.io.strangers", "headers"),
    ("repcat.runs.prediction_record", "records"),
    ("repcat.io.writer", "writer"),
):
    if find_spec(_needed):
        MODULES.append(import_module(f"tests.fuzz.targets.{_module}"))
# Those of the program; a test may add broken ones.
READERS = tuple(TARGETS)
