"""The cases of a comparison: what they run, and how a step is reckoned from its turns."""

import pytest

from repcat.bench.cases import BF16, CASES, FP32, PAPER, chosen
from repcat.bench.stepping import recipe_of
from repcat.errors import RepcatError


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case_is_a_recipe_that_can_be_read(case):
    for side in case.sides:
        recipe = recipe_of(case, side)
        assert recipe.train.batch_size == case.batch
        assert recipe.train.precision == (BF16 if side == BF16 else FP32)
    assert case.sides[0] == PAPER or case.recipe == "quickstart"


def test_another_batch_is_asked_of_the_recipe():
    assert recipe_of(CASES["swin12"], FP32, batch=8).train.batch_size == 8


def test_a_step_is_ten_turns_of_the_model_and_one_of_the_potential():
    assert CASES["swin48"].step({"model": 2.0, "potential": 3.0}) == 23.0
    assert CASES["quickstart"].step({"model": 2.0}) == 2.0


def test_cases_are_chosen_by_name_in_the_order_asked():
    assert [c.name for c in chosen("unet3d, swin12")] == ["unet3d", "swin12"]
    assert [c.name for c in chosen()] == list(CASES)
    with pytest.raises(RepcatError, match="did you mean 'swin48'") as caught:
        chosen("swin_48")
    assert caught.value.code == "no-such-case"
