"""The command line: what it imports, and what it cannot read."""

import subprocess
import sys

import pytest


def test_help_imports_neither_torch_nor_monai():
    heavy = "('torch', 'monai', 'SimpleITK', 'numpy', 'pydantic')"
    code = f"import sys, repcat.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("words", [("nosuch",), ("metrics", "convert", "abc", "--from", "x")])
def test_what_the_command_line_cannot_read(repcat, words):
    code, _, err = repcat(*words)
    assert code == 2 and "Traceback" not in err
