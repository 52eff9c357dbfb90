"""Losses are compared with losses, not with what is large beside them."""

from __future__ import annotations

import pytest

from repcat.verify.differences import compare_losses


@pytest.mark.parametrize("beside", ["model_grad", "cost_pull", "validation_body_bias_hu"])
def test_a_loss_that_differs_is_told_beside_a_number_that_is_large(beside: str) -> None:
    kept = [{"step": 1, "model": 0.5, beside: 1e6}]
    verdict, lines = compare_losses(kept, [{"step": 1, "model": 0.505, beside: 1e6}])
    assert lines == 1
    assert not verdict.equal and not verdict.near
    assert "by up to 0.01 of their size" in verdict.words
