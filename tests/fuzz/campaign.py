"""Campaign: strange input for every reader, by atheris where it is installed, else by mutations.

    python tests/fuzz/campaign.py --executions 1000000 [--target NAME ...] [--jobs 1]
    python tests/fuzz/campaign.py --repeat .fuzz/findings/NAME-HASH

A finding is what a user must never see: an exception that is no RepcatError, a message without end,
a crash, no answer for 20 seconds, more than 1 GB. Started again, it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.campaigns.figures import write_figures  # noqa: E402
from tests.fuzz.board import Board  # noqa: E402
from tests.fuzz.findings import Findings  # noqa: E402
from tests.fuzz.target import Target, attempt, build  # noqa: E402

MOST_RESTARTS = 50
STARTING = 120.0
SAVED = "counts.json"


class Campaign:
    """Counts by target in a folder, and the findings beside them."""

    def __init__(self, folder: Path, more: Sequence[str] = (), hang: float = 20.0) -> None:
        self.folder, self.more, self.hang = folder.resolve(), more, hang
        self.folder.mkdir(parents=True, exist_ok=True)
        self.findings = Findings(self.folder / "findings")
        file = self.folder / SAVED
        self.counts: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}

    def run(self, target: Target, executions: int) -> None:
        """Bring a target to so many executions, starting anew after each crash and hang."""
        for _ in range(MOST_RESTARTS):
            missing = executions - self.counts.get(target.name, 0)
            if missing <= 0:
                return
            with tempfile.TemporaryDirectory() as folder:
                self._once(target, missing, Path(folder))
        print(f"{target.name}: given up after {MOST_RESTARTS} crashes and hangs", flush=True)

    def _once(self, target: Target, runs: int, folder: Path) -> None:
        before = self.counts.get(target.name, 0)
        board, log = Board(folder / "board"), folder / "log"
        words = {"target": target.name, "board": folder / "board", "runs": runs, "seed": before}
        words["findings"] = self.findings.folder
        command = [sys.executable, str(Path(__file__).with_name("worker.py"))]
        command += [*(f"--{k}={v}" for k, v in words.items()), *self.more]
        with log.open("wb") as file:
            child = subprocess.Popen(command, stdout=file, stderr=file, cwd=ROOT)
        hung = _watch(child, board, self.hang)
        self.counts[target.name] = before + board.count
        (self.folder / SAVED).write_text(json.dumps(self.counts, indent=1), encoding="utf-8")
        if not board.count:
            raise SystemExit(log.read_text("utf-8", "replace")[-3_000:])
        if hung:
            self.findings.note(target.name, board.data, f"{target.name}: hang")
        elif child.returncode:
            told = log.read_text("utf-8", "replace")[-6_000:]
            way = f"{target.name}: crash {child.returncode}"
            self.findings.note(target.name, board.data, way, told)

    def row(self, name: str) -> tuple[str, int, int, int, int]:
        """Return a target's line of the table: distinct ways to fail, not inputs."""
        ways = [str(w["way"]) for w in self.findings.ways().values() if w["target"] == name]
        kinds = Counter(
            "hang" if ": hang" in w else "crash" if ": crash" in w else "" for w in ways
        )
        return name, self.counts.get(name, 0), kinds[""], kinds["hang"], kinds["crash"]


def _watch(child: subprocess.Popen[bytes], board: Board, hang: float) -> bool:
    """Wait for the end; kills what gives no sign of life and returns True then."""
    last, since = 0, time.monotonic()
    while child.poll() is None:
        time.sleep(0.2)
        if board.count != last:
            last, since = board.count, time.monotonic()
        if time.monotonic() - since > (hang if last else STARTING):
            child.kill()
            child.wait()
            return True
    return False


def repeat(file: Path) -> int:
    """Read a finding's input again, in this process; the traceback is what is wanted."""
    import_module("tests.fuzz.targets")
    name = file.name.rpartition("-")[0]
    with tempfile.TemporaryDirectory() as folder:
        _, read = build(name, Path(folder))
        error = attempt(read, file.read_bytes())
    if error is not None:
        traceback.print_exception(error)
    return int(error is not None)


def _tell(rows: Iterable[tuple[str, int, int, int, int]], campaign: Campaign, whole: bool) -> int:
    rows = list(rows)
    total = ("all", *(sum(row[k] for row in rows) for k in range(1, 5)))  # type: ignore[misc]
    for row in (*(r for r in rows if r[1]), total):
        print("{:18} {:>10,} executions {:>4} tracebacks {:>3} hangs {:>3} crashes".format(*row))
    for name, way in sorted(campaign.findings.ways().items()):
        print(f"{way['count']:>6} x {way['way']}")
        print(f"         python tests/fuzz/campaign.py --repeat {campaign.findings.folder / name}")
    if whole:
        head = ("target", "executions", "tracebacks", "hangs", "crashes")
        write_figures("fuzz", head, [(r[0], f"{r[1]:,}", *r[2:]) for r in (*rows, total)])
    return int(any(total[2:]))


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--executions", type=int, default=1_000_000, help="over all targets")
    parser.add_argument("--target", action="append", help="one of them; repeatable")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--engine", choices=("atheris", "mutations"))
    parser.add_argument("--out", type=Path, default=ROOT / ".fuzz")
    parser.add_argument("--repeat", type=Path, help="read a finding again")
    told = parser.parse_args()
    if told.repeat:
        return repeat(told.repeat)
    from tests.fuzz.targets import READERS, TARGETS

    campaign = Campaign(told.out, [f"--engine={told.engine}"] if told.engine else [])
    chosen = [TARGETS[name] for name in told.target or READERS]
    each = told.executions / sum(target.share for target in chosen)
    with ThreadPoolExecutor(told.jobs) as pool:
        for target, _ in zip(
            chosen,
            pool.map(lambda t: campaign.run(t, round(each * t.share) + 1), chosen),
            strict=True,
        ):
            print("{:18} {:>10,} {:>4} {:>3} {:>3}".format(*campaign.row(target.name)), flush=True)
    return _tell(map(campaign.row, READERS), campaign, whole=not told.target)


if __name__ == "__main__":
    raise SystemExit(main())
