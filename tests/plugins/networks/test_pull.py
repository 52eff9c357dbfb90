from __future__ import annotations

import torch

from repcat_plugins.networks.pull import Pull


def test_each_term_is_told_apart_and_their_sum_reaches_the_prediction() -> None:
    fake = torch.tensor([3.0, 4.0], requires_grad=True)
    pull = Pull(fake)
    loss = pull.of("near").square().sum() / 2 + 2 * pull.of("far").sum()
    loss.backward()
    found = {name: float(norm()) for name, norm in pull.norms().items()}
    assert found == {"near_pull": 5.0, "far_pull": float(torch.tensor([2.0, 2.0]).norm())}
    assert fake.grad.tolist() == [5.0, 6.0]


def test_before_a_backward_pass_and_without_a_gradient_it_is_0() -> None:
    pull = Pull(torch.ones(2))
    pull.of("near")
    assert float(pull.norms()["near_pull"]()) == 0
