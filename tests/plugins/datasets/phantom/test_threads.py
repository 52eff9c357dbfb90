"""A phantom's bits do not follow the threads of BLAS, which a run cannot record."""

import hashlib
import os
import subprocess
import sys

CODE = """
import hashlib
from repcat import View, preset
from repcat.contracts import Request
from repcat.registry.plugins import load_parts

factory = load_parts().datasets.get("phantoms").factory
request = Request(16, (View(0),), lambda mu, geometry, views: mu[None, 0])
patients = factory(request, train=1, validation=1, test=1)
volume = patients.load(patients.ids("train")[0]).volume
print(hashlib.sha256(volume.numpy().tobytes()).hexdigest())
"""


def test_a_phantom_has_the_same_bits_with_one_thread_and_with_two():
    bits = {
        subprocess.check_output(
            [sys.executable, "-c", CODE], env={**os.environ, "OMP_NUM_THREADS": n}, text=True
        )
        for n in ("1", "2")
    }
    assert len(bits) == 1 and len(bits.pop().strip()) == hashlib.sha256().digest_size * 2
