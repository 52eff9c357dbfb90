"""Training session: weights, moments, average, counters; all that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from repcat.arithmetic import refused_operations
from repcat.config.recipe import Recipe
from repcat.contracts import Patients, Turn
from repcat.data.loader import Loader, PatientCache, Stream
from repcat.errors import TrainingError
from repcat.models.build import build_network, build_objective, make_task
from repcat.models.ema import Average
from repcat.registry.parts import Parts
from repcat.rng import seed_of
from repcat.runs.checkpoint import State
from repcat.startup.allocator import give_back_if_short
from repcat.training.auto_precision import AUTO
from repcat.training.bf16_layers import fp32_layers, guard_bf16
from repcat.training.conv_weight_gradient import weigh_by_products
from repcat.training.player import Player
from repcat.training.quantiles import with_quantiles
from repcat.types import Batch, Prediction


class Session:
    """A recipe in training, from step `step` and draw `drawn` on."""

    def __init__(self, recipe: Recipe, patients: Patients, parts: Parts, device: str) -> None:
        if recipe.train.precision == AUTO:
            msg = "train.precision = 'auto' is settled before a session: auto_precision.settle"
            raise ValueError(msg)
        self.recipe, self.device = recipe, device
        task = make_task(recipe, patients, parts)
        self.network = build_network(recipe, task, parts).to(device)
        self.objective = build_objective(recipe, task, self.network, parts).to(device)
        self.cache = PatientCache(patients, recipe, recipe.bank)
        self.stream = Stream(self.cache, project=task.projector)
        others = {name: self.objective.get_submodule(name) for name in self.objective.players}
        self.players = {
            name: Player(name, module, recipe.optim_of(name), recipe.train.steps)
            for name, module in {"model": self.network, **others}.items()
        }
        self.average = Average(self.network, recipe.train.ema) if recipe.train.ema else None
        self.step, self.loader = 0, Loader(self.stream, 0, device)
        self.turns: Counter[str] = Counter()  # updates of each player so far
        if device == "cpu":
            weigh_by_products(self.network, self.objective)
        if self._half and device == "cpu":
            guard_bf16(self.network, self.objective)
        if recipe.train.compile:
            self.network.backbone.compile()

    def __call__(self, batch: Batch) -> Prediction:
        """Predict as the objective sees the model, under the recipe's precision."""
        with torch.autocast(self.device.split(":")[0], torch.bfloat16, self._half):
            prediction: Prediction = self.network(batch)
        branches = {k: v.float() for k, v in prediction.branches.items()}
        return Prediction(prediction.volume.float(), branches)

    @property
    def _half(self) -> bool:
        return self.recipe.train.precision == "bf16"

    @property
    def is_told(self) -> bool:
        """Whether the step to come goes into the log: each `log_every`-th does, and the last."""
        train = self.recipe.train
        return (self.step + 1) % train.log_every == 0 or self.step + 1 == train.steps

    @refused_operations()
    def run_step(self, told: bool = True) -> dict[str, float]:
        """Take every turn of one step; returns the mean of what each turn reports, where `told`.

        With it the norm of each player's gradient, `<player>_grad`, before it is cut to its bound.
        Else the dictionary is empty, and nothing waits for the device.

        Raises:
            TrainingError: where a turn came to no number; in a GPU's step that is not told, later.
        """
        torch.manual_seed(seed_of(self.recipe.train.seed, "step", self.step))
        self.network.train()
        self.objective.train()
        sums: dict[str, list[float]] = {}
        turns = self._turns()
        while (turn := self._next(turns)) is not None:
            give_back_if_short()
            player = self.players[turn.player]
            player.minimise(turn.loss, self.step)
            give_back_if_short()
            self.turns[turn.player] += 1
            if told:
                norm = {f"{turn.player}_grad": float(player.norm)}
                for name, value in (turn.numbers() | norm).items():
                    sums.setdefault(name, []).append(value)
        if told:
            self.check()
        self.step += 1
        if self.average and self.step % self.recipe.train.ema_every == 0:
            self.average.update(self.network)
        return {name: sum(values) / len(values) for name, values in sums.items()}

    def _turns(self) -> Iterator[Turn]:
        """Return the turns of one step, with the quantiles' loss where the recipe has any."""
        train = self.recipe.train
        if train.has_quantiles:
            return with_quantiles(self.objective, self, self.loader, train.quantiles)
        return iter(self.objective.turns(self, self.loader))

    def _next(self, turns: Any) -> Turn | None:  # noqa: ANN401  (an iterator of turns)
        """Run the objective to its next turn under the recipe's precision."""
        with torch.autocast(self.device.split(":")[0], torch.bfloat16, self._half):
            return next(turns, None)

    @property
    def fp32_layers(self) -> list[str]:
        """The layers that ran in fp32 under bf16, since torch is wrong there on a CPU."""
        return fp32_layers(self.network, self.objective)

    def check(self) -> None:
        """Raise TrainingError where a turn up to here came to no number."""
        for player in self.players.values():
            player.check()

    def state(self) -> State:
        """Return all that a resumed run needs.

        Raises:
            TrainingError: where a turn came to no number.
        """
        self.check()
        tensors = {"model": self.network.state_dict()}
        if self.objective.state_dict():
            tensors["objective"] = self.objective.state_dict()
        if self.average:
            tensors["average"] = self.average.weights
        for name, player in self.players.items():
            tensors[f"optim.{name}"] = player.state()
        values = {"step": self.step, "drawn": self.loader.drawn, "turns": dict(self.turns)}
        return State({k: v for k, v in tensors.items() if v}, values)

    def load(self, state: State) -> None:
        """Go back to where a checkpoint was written."""
        self.network.load_state_dict(_on(state.tensors["model"], self.device))
        if "objective" in state.tensors:
            self.objective.load_state_dict(_on(state.tensors["objective"], self.device))
        if self.average:
            self.average.load(_on(state.tensors["average"], self.device))
        for name, player in self.players.items():
            player.load(_on(state.tensors.get(f"optim.{name}", {}), self.device))
        self.step = int(state.values["step"])
        self.turns = Counter(state.values.get("turns", {}))
        self.loader = Loader(self.stream, int(state.values["drawn"]), self.device)


def _on(table: Mapping[str, Tensor], device: str) -> dict[str, Tensor]:
    return {name: tensor.to(device) for name, tensor in table.items()}


def check_compiler(device: str) -> None:
    """Compile a sum: what torch.compile needs of the machine, a compiler above all, shows here."""
    try:
        torch.compile(lambda x: x + 1)(torch.zeros(2, device=device))
    except (RuntimeError, ImportError, OSError) as error:
        why = " ".join(str(error).split()).partition(" Set TORCHDYNAMO")[0][:200]
        msg = f"train.compile = true cannot be used here ({why}); set train.compile = false"
        raise TrainingError(msg, code="cannot-compile") from None
