"""Every reader refuses strange input in words; `make fuzz` does the same for longer."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutate import mutate
from tests.fuzz.target import attempt, build
from tests.fuzz.targets import READERS, TARGETS

BRIEF = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", READERS)
def test_strange_input_is_refused_in_words(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seeds, read = build(name, tmp_path)
    for seed in seeds:
        assert attempt(read, seed) is None

    @settings(BRIEF, max_examples=12 if TARGETS[name].share > 0.1 else 3)
    @given(chance=st.randoms(use_true_random=False), tail=st.binary(max_size=8))
    def once(chance, tail):
        data = mutate(chance, seeds, TARGETS[name].words) + tail
        error = attempt(read, data)
        if error is not None:
            raise AssertionError(f"{name} on {data[:2_000]!r}") from error

    once()
