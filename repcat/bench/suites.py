"""The suites of `repcat bench` by name."""

from __future__ import annotations

from repcat.bench.around import load, prepare, project, score
from repcat.bench.ceiling import ceiling
from repcat.bench.found import Found, Options
from repcat.bench.predict import predict
from repcat.bench.start import start
from repcat.bench.train import train
from repcat.errors import RepcatError
from repcat.registry.options import nearest

SUITES = {
    "train": train,
    "predict": predict,
    "start": start,
    "project": project,
    "prepare": prepare,
    "load": load,
    "score": score,
    "ceiling": ceiling,
}
ALL = "all"


def suite(name: str, options: Options) -> Found:
    """Run a suite by name."""
    if name not in SUITES:
        msg = f"there is no bench called {name!r}{nearest(name, [*SUITES, ALL])}"
        raise RepcatError(msg, code="no-such-bench")
    return SUITES[name](options)
