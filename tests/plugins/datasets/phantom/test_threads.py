"""A phantom's bits do not follow the threads of BLAS, which a run cannot record."""

import hashlib
import os
import subprocess
import sys

CODE = """
import hashlib
from repcat_plugins.datasets.phantom.thorax import thorax

print(hashlib.sha256(thorax(0, 0, 16, 400.0)[0].tobytes()).hexdigest())
"""


def test_a_phantom_has_the_same_bits_with_one_thread_and_with_two():
    bits = {
        subprocess.check_output(
            [sys.executable, "-c", CODE], env={**os.environ, "OMP_NUM_THREADS": n}, text=True
        )
        for n in ("1", "2")
    }
    assert len(bits) == 1 and len(bits.pop().strip()) == hashlib.sha256().digest_size * 2
