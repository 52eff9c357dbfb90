"""Rules of a network, which mappers and backbones share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from repcat.rng import seeded
from repcat.testing.result import DoesNotApply, check, rules_in
from repcat.testing.rules.training import Team
from repcat.types import Batch

Given = Batch | Tensor
Named = dict[str, Tensor]
TOLERANCE = 1e-4  # of the range: float32 added up in another order


@dataclass(frozen=True)
class Network:
    """A network on trial: how to build it, feed it patients, name what it gives, and its team."""

    build: Callable[[], nn.Module]
    feed: Callable[[int], Given]
    out: Callable[[nn.Module, Any], Named]
    team: Team

    def seeded_build(self) -> nn.Module:
        """Build as repcat does: the global generator is seeded by the recipe's seed."""
        with seeded(0, "part"):
            return self.build()

    @torch.no_grad()
    def still(self, network: nn.Module, patients: int = 1) -> Named:
        """Run a network in evaluation, as `repcat predict` does."""
        return self.out(network.eval(), self.feed(patients))


def keeps_type_and_device(trial: Network) -> None:
    """Float32 comes out where float32 goes in, and on its device."""
    for name, tensor in trial.still(trial.seeded_build()).items():
        what = f"{name} is {tensor.dtype}, though its input is float32; return input.dtype"
        check(tensor.dtype == torch.float32, what)
    for device in ("meta", *(["cuda"] if torch.cuda.is_available() else [])):
        _check_on(device, trial)


def _check_on(device: str, trial: Network) -> None:
    """Run on another device: what was made on the CPU by the way would not mix with it."""
    network = trial.seeded_build().to(device).eval()
    given = trial.feed(1).to(device)
    try:
        with torch.no_grad():
            found = trial.out(network, given)
    except Exception as error:
        if device != "meta" or "device" in str(error).lower():
            msg = (
                f"it cannot run on device {device!r} ({error}): register tensors as buffers and "
                "make new ones with `like.new_zeros(...)` or `device=x.device`"
            )
            raise AssertionError(msg) from error
        msg = f"it reads values while it runs, so only a GPU could tell ({type(error).__name__})"
        raise DoesNotApply(msg) from None
    for name, tensor in found.items():
        check(tensor.device.type == device, f"{name} is on {tensor.device}, its input on {device}")


def is_finite_and_passes_gradients_to_every_weight(trial: Network) -> None:
    """No weight is idle, and no gradient is infinite."""
    network = trial.seeded_build().train()
    found = trial.out(network, trial.feed(1))
    for name, tensor in found.items():
        check(bool(tensor.isfinite().all()), f"{name} is not finite for patients in [0, 1]")
    weights = {n: p for n, p in network.named_parameters() if p.requires_grad}
    if not weights:
        return
    torch.stack([t.float().square().mean() for t in found.values()]).sum().backward()
    idle = [n for n, p in weights.items() if p.grad is None]
    cure = "use them, leave them out, or freeze them with requires_grad_(False)"
    check(not idle, f"{len(idle)} weights get no gradient, such as {idle[:1]}: {cure}")
    wild = [n for n, p in weights.items() if p.grad is not None and not p.grad.isfinite().all()]
    check(not wild, f"the gradient of {wild[:1]} is not finite: a root or a division near 0?")


def is_a_function_of_its_seed(trial: Network) -> None:
    """Two built from one seed have the same weights and say the same."""
    one = trial.seeded_build()
    torch.rand(3)  # history, which must not matter
    other = trial.seeded_build()
    cure = "draw chance from torch's generator or repcat.seeded, never from time or numpy"
    states = one.state_dict(), other.state_dict()
    apart = [k for k in states[0] if not torch.equal(states[0][k], states[1][k])]
    check(not apart, f"two built from one seed differ in {apart[:1]}: {cure}")
    check(_same(trial.still(one), trial.still(other)), f"two built from one seed differ: {cure}")


def predicts_the_same_twice(trial: Network) -> None:
    """In evaluation, a second look gives the same bits."""
    network = trial.seeded_build()
    first = trial.still(network)
    cure = "after .eval() it may draw no chance and change nothing"
    check(_same(first, trial.still(network)), f"two predictions of one batch differ: {cure}")


def keeps_patients_apart(trial: Network) -> None:
    """In evaluation, a patient's output hangs on nobody else in the batch; 1e-4 of its range.

    A network that magnifies rounding is asked again in float64.
    """
    network = trial.seeded_build()
    if not (errors := _with_others(trial, network)):
        return
    with suppress(Exception):  # one that holds float32 is judged by what it gave
        double = replace(trial, feed=lambda n: _double(trial.feed(n)))
        errors = _with_others(double, network.double())
    told = [f"{name} of a patient changes by {error:.2g}" for name, error in errors.items()]
    cure = "of its range with the others in the batch: keep batch statistics to training"
    check(not told, f"{', '.join(told)} {cure}")


def _with_others(trial: Network, network: nn.Module) -> dict[str, float]:
    """Return by what share of its range each output changes with the batch, above 1e-4."""
    alone, beside = trial.still(network, 1), trial.still(network, 2)
    shares = {name: difference(one, beside[name][:1]) for name, one in alone.items()}
    return {name: share for name, share in shares.items() if not share <= TOLERANCE}


def difference(one: Tensor, other: Tensor) -> float:
    """Return the largest difference as a share of the first one's largest value."""
    return float((one - other).abs().max() / one.abs().max().clamp(min=1e-6))


def _double(given: Given) -> Given:
    if isinstance(given, Tensor):
        return given.double()
    return replace(given, xrays=given.xrays.double(), volume=given.volume.double())


def does_not_change_what_it_is_given(trial: Network) -> None:
    """Its input is the same afterwards: others read it too."""
    given, before = trial.feed(1), trial.feed(1)
    with torch.no_grad():
        trial.out(trial.seeded_build().eval(), given)
    tensors = [t.xrays if isinstance(t, Batch) else t for t in (given, before)]
    check(torch.equal(*tensors), "it changes its input in place: write x = x * 2, not x *= 2")


def survives_a_round_trip_of_its_state(trial: Network) -> None:
    """Its state_dict, loaded into one whose weights are others, makes that the same."""
    one, other = trial.seeded_build(), trial.seeded_build()
    with torch.no_grad():
        for weight in other.parameters():
            weight.add_(1)
    other.load_state_dict({k: v.clone() for k, v in one.state_dict().items()})
    same = _same(trial.still(one), trial.still(other))
    check(same, "its state_dict does not bring it back: keep what it needs in parameters, buffers")


def _same(one: Named, other: Named) -> bool:
    return one.keys() == other.keys() and all(torch.equal(t, other[k]) for k, t in one.items())


RULES = rules_in(__name__)
