"""Commands side by side, each with a file of what it said."""

import pytest

from repcat.errors import TrainingError
from repcat.studies.launcher import train_apart


@pytest.mark.slow
def test_a_failure_is_told_when_the_others_are_done(tmp_path):
    commands = [(["train", tmp_path / f"none{n}.toml"], tmp_path / "logs" / f"{n}") for n in (1, 2)]
    done = []
    with pytest.raises(TrainingError, match=r"there is no recipe .*none[12].* \(and 1 more\)"):
        train_apart(commands, 2, "cpu", done.append)
    assert done == [1, 2]
    assert "none2.toml" in (tmp_path / "logs" / "2").read_text()
