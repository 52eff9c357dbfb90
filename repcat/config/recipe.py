"""Recipe: an experiment as a value, every name known, every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from repcat.config.schema import AugmentTable, DataTable, OptimTable, TrainTable
from repcat.types import Window
from repcat.view import View, parse_views


@dataclass(frozen=True, slots=True)
class Choice:
    """A part by name, and every option of it."""

    use: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A checked recipe: every name known, every default filled in."""

    dataset: Choice
    mapper: Choice
    backbone: Choice
    objective: Choice
    data: DataTable
    augment: AugmentTable
    optim: OptimTable
    players: Mapping[str, OptimTable]
    train: TrainTable
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def bank(self) -> tuple[View, ...]:
        """The views of `data.views`, all of which a training may see."""
        return parse_views(self.data.views)

    @property
    def views(self) -> tuple[View, ...]:
        """The views that validation, predictions and scores read."""
        return parse_views(self.data.views_scored or self.data.views)

    @property
    def window(self) -> Window:
        """The HU window of the volumes."""
        return Window(*self.data.window)

    @property
    def projector(self) -> Choice:
        """The maker of X-rays; options that are not told are at their defaults."""
        asked = self.data.projector
        table = {"use": asked} if isinstance(asked, str) else dict(asked)
        return Choice(table.pop("use"), table)

    def optim_of(self, player: str) -> OptimTable:
        """Return a player's optimiser settings."""
        return self.players.get(player, self.optim)

    def to_tables(self) -> dict[str, Any]:
        """Return nested tables that, read again, give this recipe."""
        objective: dict[str, Any] = {"use": self.objective.use, **self.objective.options}
        if self.players:
            objective["optim"] = {k: asdict(v) for k, v in self.players.items()}
        tables: dict[str, Mapping[str, Any]] = {
            "data": {"use": self.dataset.use, **asdict(self.data), **self.dataset.options},
            "mapper": {"use": self.mapper.use, **self.mapper.options},
            "backbone": {"use": self.backbone.use, **self.backbone.options},
            "objective": objective,
            "augment": asdict(self.augment),
            "optim": asdict(self.optim),
            "train": asdict(self.train),
        }
        if self.metrics:
            tables["metrics"] = self.metrics
        return {name: _plain(table) for name, table in tables.items()}

    def to_toml(self) -> str:
        """Write the recipe as TOML, every default filled in."""
        import tomli_w

        return tomli_w.dumps(self.to_tables())


def _plain(value: Any) -> Any:  # noqa: ANN401  (whatever an option may be)
    """Turn tuples into lists, paths into text, and leave out None, which TOML has not."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value
