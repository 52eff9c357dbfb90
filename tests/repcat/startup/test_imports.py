"""Start-up: the collector rests while modules are imported, and goes on afterwards."""

import gc
import subprocess
import sys

CODE = """
import gc
from repcat.startup.imports import importing
with importing():
    assert not gc.isenabled()
    with importing():
        import json
    assert not gc.isenabled()
assert gc.isenabled() and gc.get_freeze_count() > 1000
try:
    with importing():
        import nowhere
except ModuleNotFoundError:
    assert gc.isenabled()
"""


def test_the_collector_rests_and_goes_on_also_after_an_error():
    subprocess.run([sys.executable, "-c", CODE], check=True)


def test_where_torch_is_there_nothing_is_done():
    import torch  # noqa: F401

    from repcat.startup.imports import importing

    before = gc.get_freeze_count()
    with importing():
        assert gc.isenabled()
    assert gc.get_freeze_count() == before
