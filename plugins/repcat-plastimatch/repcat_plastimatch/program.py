"""The program that the plastimatch wheel brings: found without PATH, run without a shell."""

from __future__ import annotations

import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from repcat import PartError

NAMES = ("plastimatch", "plastimatch.exe")


def find() -> Path:
    """Return the executable of the installed wheel; PartError says how to get it."""
    try:
        files = distribution("plastimatch").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.parts[:-1] == ("plastimatch", "bin") and file.name in NAMES:
            path = Path(str(file.locate()))
            if path.is_file():
                return path
    msg = "projector 'plastimatch' does not find plastimatch's program; pip install plastimatch"
    raise PartError(msg, code="program-missing")


def run(words: list[str], volume: Path) -> Path:
    """Make one DRR of a volume of attenuation; return the PFM, beside the volume.

    Exact ray tracing, no HU conversion. PartError gives the program's own last words.
    """
    prefix = volume.with_name("drr_")
    for old in volume.parent.glob("drr_*"):
        old.unlink()
    command = [str(find()), "drr", "-i", "exact", "-P", "none", "-t", "pfm", *words]
    command += ["-O", str(prefix), str(volume)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    images = sorted(volume.parent.glob("drr_*.pfm"))
    if done.returncode or len(images) != 1:
        told = f"{done.stdout}\n{done.stderr}".split("\n")
        last = next((line.strip() for line in reversed(told) if line.strip()), "it said nothing")
        msg = (
            f"plastimatch ended with exit code {done.returncode} and made {len(images)} images: "
            f"{last[:300]}; see that the temporary folder has room, or choose projector 'nanodrr'"
        )
        raise PartError(msg, code="program-failed")
    return images[0]
