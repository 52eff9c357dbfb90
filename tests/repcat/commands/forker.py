"""Start commands in processes of their own that need not import all again; run by `started`.

It imports what commands need and forks for each line of its input, JSON with `words`, `cwd` and
`out`; `wait` of a process gives its exit code, negative where a signal ended it.
"""

import json
import os
import sys

import matplotlib.figure  # noqa: F401
import monai.networks.nets  # noqa: F401
import torch
import torch._dynamo

import repcat.commands.compare
import repcat.figures.training_curves
import repcat.inference.predictor
import repcat.studies.runner
import repcat.training.fit  # noqa: F401
from repcat.cli import main
from repcat.registry.plugins import load_parts


def run(words: list[str], cwd: str, out: str) -> None:
    os.setsid()
    os.chdir(cwd)
    file = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(file, number)
    sys.argv = ["repcat", *words]
    main()


torch.set_num_threads(1)
load_parts()
for line in sys.stdin:
    order = json.loads(line)
    if "wait" in order:
        answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
    elif not (answer := os.fork()):
        run(**order)
        sys.exit()
    print(json.dumps(answer), flush=True)
