from __future__ import annotations

import math
from pathlib import Path

from repcat.errors import DivergenceError
from repcat.runs.divergence import FILE, note_divergence, read_divergence
from repcat.runs.run import Run


def test_it_says_step_player_and_value_in_plain_json(tmp_path: Path) -> None:
    error = DivergenceError(
        "m", code="c", step=11, player="potential", what="loss", value=-math.inf
    )
    note_divergence(Run(tmp_path), error)
    assert "Infinity" not in (tmp_path / FILE).read_text()
    said = str(read_divergence(Run(tmp_path)))
    assert said == "diverged in step 12: loss of potential -inf"


def test_where_there_is_none_or_it_is_damaged_nothing_is_said(tmp_path: Path) -> None:
    assert read_divergence(Run(tmp_path)) is None
    (tmp_path / FILE).write_text('{"step": 3')
    assert read_divergence(Run(tmp_path)) is None
