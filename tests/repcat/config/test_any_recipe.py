"""Any recipe is either refused in words or written out and read again as the same."""

from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repcat.config.load import parse_toml
from repcat.config.validate import check_recipe
from repcat.errors import RepcatError

GOOD = {
    "data": {"use": "phantoms", "size": 16, "views": [0.0, "lateral"], "projector": "march"},
    "mapper": {"use": "repeat_concat", "align": "transpose"},
    "backbone": {"use": "unet", "channels": [4, 8], "strides": [2]},
    "objective": {"use": "sinkhorn_ot", "inner_steps": 2, "optim": {"potential": {"lr": 1e-5}}},
    "augment": {"contrast": 0.1},
    "optim": {"lr": 1e-3, "betas": [0.5, 0.9]},
    "train": {"steps": 4, "batch_size": 2, "seed": 1},
    "metrics": {},
}
PLACES = [(t, k) for t, table in GOOD.items() for k in table] + [(t, "") for t in GOOD]
SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.sampled_from(["unet", "l2", "pa", "march", "phantoms", "none", "x" * 5_000, "../x", "\0"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
ANY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ANY
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_any_value_anywhere_is_refused_or_round_trips(parts, changes):
    tables = deepcopy(GOOD)
    for (table, key), value in changes:
        if not key:
            tables[table] = value
        elif isinstance(tables[table], dict):
            tables[table][key] = value
    try:
        recipe = check_recipe(tables, "any", parts)
    except RepcatError as error:
        assert len(str(error)) < 10_000
    else:
        assert check_recipe(parse_toml(recipe.to_toml(), "again"), "again", parts) == recipe


@ANY
@given(
    text=st.text(
        st.sampled_from(" \n\t=.,[]{}\"'#_-+0123456789eEinfabtrue\\u\u00e9\0"), max_size=60
    )
)
def test_any_text_is_toml_or_refused_in_a_line(text):
    try:
        parse_toml(text, f"--set {text!r}")
    except RepcatError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("key", ["a b", 'q"uote', "", "\u00fc", "a.b"])
def test_a_recipe_may_not_have_a_key_that_nothing_knows(parts, key):
    with pytest.raises(RepcatError, match="unknown"):
        check_recipe({**GOOD, "train": {key: 1}}, "any", parts)
