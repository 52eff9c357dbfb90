"""Every reader of the program, as a target."""

from tests.fuzz.target import TARGETS
from tests.fuzz.targets import (
    dataset,
    exported,
    films,
    headers,
    recipes,
    records,
    runs,
    scans,
    words,
    writer,
)

MODULES = [dataset, exported, films, headers, recipes, records, runs, scans, words, writer]
# Those of the program; tests add broken ones to the table.
READERS = tuple(n for n, t in TARGETS.items() if t.build.__module__.startswith(__name__))
