"""Learning-rate schedule: warm-up, then constant, linear or cosine decay."""

from __future__ import annotations

import math

from repcat.config.schema import OptimTable


def rate(table: OptimTable, step: int, steps: int) -> float:
    """Return the share of the learning rate that holds in a step.

    Linear with decay_from = 1500, decay_to = 5001, idle_first is the released schedule:
    0 at step 0, 1 to step 1500, then 1 - (s - 1500) / 3501.
    """
    if table.idle_first and step == 0:
        return 0.0
    if step < table.warmup:
        return (step + 1) / table.warmup
    end = table.decay_to or steps
    if table.schedule == "constant" or step <= table.decay_from or end <= table.decay_from:
        return 1.0
    done = min(1.0, (step - table.decay_from) / (end - table.decay_from))
    fall = done if table.schedule == "linear" else (1 - math.cos(math.pi * done)) / 2
    return 1 - (1 - table.final_lr) * fall
