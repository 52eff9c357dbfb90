"""Write docs/benchmarks.md from docs/benchmarks/measured.json.

    repcat bench all docs/benchmarks/measured.json --json --repeats 3
    python docs/benchmarks/generate.py

A test holds the page equal to what this writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MEASURED, PAGE = HERE / "measured.json", HERE.parent / "benchmarks.md"
MADE = "<!-- Written by docs/benchmarks/generate.py from measured.json: measure, not edit. -->\n"
NONE = "-"

HEAD = """# Benchmarks

Every figure here is printed by `repcat bench` on your own machine: variants in turn in one run, medians,
least and most, peak memory, versions. A **ratio** says how many times as fast as the first variant of its
case a variant is: the median of the rounds' own ratios [least, most]. Trust ratios, not seconds."""

PAPER = """## A training step against the paper's released code

    repcat bench train --against paper            # --cases swin12,unet3d --repeats 3

The released step is rebuilt from facts in plain torch (`repcat/bench/released`), in its order of statements and
with what it computes for nothing: gradients of the frozen extractor's weights, attention that is not fused, the
critic's two passes one by one, geomloss on points, ordinary AdamW, a number read back each turn. Tests hold that
repcat's weights fit its networks and that its first loss is repcat's under the released settings. What the facts
leave open is done the faster way, and both sides take their batches from memory, so it is a fair rival.

Each side lives in a process of its own, the paper's with the system's allocator, and takes its step when it is
its turn. A round is one turn of the network and one of the potential; a **step**, 10 turns and 1, is reckoned
from it. 64^3, 2 views, batch 1. Operations are counted by torch's flop counter (2 a multiply-add; convolutions,
matrix products, attention); their share is of the fastest convolution or product below, in the same precision.
The quickstart's step (48^3, batch 2, one turn) has no counterpart in the paper: it is held against repcat's own
in fp32 with the system's allocator, as it was before exact rays, a bias volume, an interpolating way up and L1, which
take a fifth more time.

| case | step s | ratio | turn of the network s | of the potential s | GFLOP a step | of the ceiling | peak GB |
|---|---|---|---|---|---|---|---|"""

BATCH = """`--batch 8` measures the memory of a batch of 8: the sides then run one after the other, each alone on the machine
(some 19 GB for the paper's Swin 48, reckoned from batches of 1 to 4)."""

CEILING = """## The ceiling of this machine

    repcat bench ceiling

| what | seconds | GFLOP/s or GB/s | ratio |
|---|---|---|---|"""

TITLES = {
    "predict": ("A forward of one patient, by engine", ""),
    "start": ("Whole commands, from Enter to their end", ""),
    "project": ("Eight X-rays of 128 x 128", " --size 128"),
    "prepare": ("Eight CTs of 512 x 512 x 133, eight views", " --size 128"),
    "load": ("A patient of 64^3 to a batch", ""),
    "score": ("A pair of 128^3, by protocol", " --size 128"),
}

GPU = """## On a GPU

No GPU was at hand. One script measures the paper's recipe at its true size (64^3, batch 8, width 48, k = 10), in
fp32 and bf16, in ten minutes at most: turns a second, peak memory, the losses of every step, the share of the
card's own ceiling, and how often the host waited for the card in a step. In a checkout:

    python docs/benchmarks/gpu.py --json gpu.json

It runs on a CPU at toy size: `--device cpu --steps 2 --set 'backbone.feature_size = 12'
--set 'objective.inner_steps = 1' --set 'train.batch_size = 1'`.

## Other recipes

`repcat bench train --recipe NAME` times any recipe's whole steps in fp32 and bf16. X2CT-GAN, for one (plugin
`repcat-x2ct`, 64^3, batch 1, both branches; a step is a turn of the generator and one of the critic):

    repcat bench train --recipe x2ct_gan --repeats 6 --set 'train.batch_size = 1' \\
      --set 'data = {use = "phantoms", size = 64, train = 4, validation = 1, test = 1}' --set 'backbone.branches = true'"""


def page(found: Mapping[str, Any]) -> str:
    """Write the page of one `repcat bench all`."""
    suites = found["suites"]
    lines = [MADE + HEAD, "", _machine(found), "", PAPER, *_against(suites["train"]), "", BATCH]
    lines += ["", CEILING, *(_ceiling_row(row) for row in suites["ceiling"]["timings"])]
    for name, (title, options) in TITLES.items():
        lines += ["", f"## {title}", "", f"    repcat bench {name}{options}", ""]
        lines += _plain(suites[name])
    return "\n".join([*lines, "", GPU]) + "\n"


def _machine(found: Mapping[str, Any]) -> str:
    versions = found["versions"]
    told = (
        f"{found['device']}, {found['processor']}; torch {versions['torch']}, MONAI "
        f"{versions['monai']}, repcat {versions['repcat']}; {found['when'][:10]}, "
        f"{found['repeats']} rounds."
    )
    return f"{told} {found['note']}" if found.get("note") else told


def _against(suite: Mapping[str, Any]) -> list[str]:
    rows = [_paper_row(row) for row in suite["timings"]]
    return [*rows, *(f"| {name} | refused |{' |' * 6}" for name in suite["refused"])]


def _paper_row(row: Mapping[str, Any]) -> str:
    turns = [row["parts"].get(player) for player in ("model", "potential")]
    cells = [
        row["name"],
        f"{row['seconds']:.3g}",
        _ratio(row),
        *(NONE if turn is None else f"{turn:.3g}" for turn in turns),
        f"{row['gflop']:.4g}",
        f"{row['share']:.0%}",
        f"{row['memory_gb']:.2f}",
    ]
    return _row(cells)


def _ceiling_row(row: Mapping[str, Any]) -> str:
    (rate,) = row["per_second"].values()
    best = rate * row["seconds"] / row["low"]
    return _row([row["name"], f"{row['seconds']:.3g}", f"{best:.0f}", _ratio(row)])


def _plain(suite: Mapping[str, Any]) -> list[str]:
    lines = ["| variant | seconds | ratio | peak GB | per second |", "|---|---|---|---|---|"]
    for row in suite["timings"]:
        rates = ", ".join(f"{value:.3g} {unit}" for unit, value in row["per_second"].items())
        memory = NONE if row["memory_gb"] is None else f"{row['memory_gb']:.2f}"
        lines.append(_row([row["name"], f"{row['seconds']:.3g}", _ratio(row), memory, rates]))
    return [*lines, *(f"| {name} | refused |{' |' * 3}" for name in suite["refused"])]


def _ratio(row: Mapping[str, Any]) -> str:
    return f"{row['ratio']:.2f} [{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(json.loads(MEASURED.read_text("utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
