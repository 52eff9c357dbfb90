"""What each term of a loss does to a prediction: the norm of its gradient there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor, zeros


class Pull:
    """Hand out a prediction to the terms of a loss, and note the gradient each sends back.

    >>> import torch
    >>> fake = torch.tensor([3.0, 4.0], requires_grad=True)
    >>> pull = Pull(fake)
    >>> (pull.of("near").square().sum() / 2).backward()
    >>> round(float(pull.norms()["near_pull"]()), 3)
    5.0
    """

    def __init__(self, fake: Tensor) -> None:
        self._fake = fake
        self._seen: dict[str, Tensor] = {}

    def of(self, term: str) -> Tensor:
        """Return the prediction as the named term is to see it."""
        seen = self._fake.view_as(self._fake)

        def note(gradient: Tensor) -> None:
            self._seen[term] = gradient

        if seen.requires_grad:
            seen.register_hook(note)
        self._seen[term] = zeros(())
        return seen

    def norms(self) -> dict[str, Callable[[], Tensor]]:
        """Return the norm over the batch of each term's gradient, to be called after `backward`."""
        return {f"{term}_pull": partial(self._norm, term) for term in self._seen}

    def _norm(self, term: str) -> Tensor:
        norm: Tensor = self._seen[term].norm()
        return norm
