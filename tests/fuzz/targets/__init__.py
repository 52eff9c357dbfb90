"""Every reader of the program, as a target."""

from importlib.util import find_spec

from tests.fuzz.target import TARGETS
from tests.fuzz.targets import dataset, exported, films, recipes, runs, scans, words

MODULES = [dataset, exported, films, recipes, runs, scans, words]
if find_spec("repcat.io.strangers"):
    from tests.fuzz.targets import headers

    MODULES.append(headers)
# Those of the program; a test may add broken ones.
READERS = tuple(TARGETS)
