"""Validation: a recipe's tables against the signatures they name, every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from repcat.config import view_rule
from repcat.config.draw_table import DrawTable
from repcat.config.film_table import FilmTable
from repcat.config.recipe import Choice, Recipe
from repcat.config.schema import AugmentTable, DataTable, OptimTable, TrainTable
from repcat.errors import PartError, RecipeError, cut, listed, shown
from repcat.registry import options
from repcat.registry.parts import Parts
from repcat.registry.registry import Part, Registry
from repcat.view import View, parse_views

TABLES = ("data", "mapper", "backbone", "objective", "augment", "optim", "train", "metrics")


def check_recipe(tables: Mapping[str, Any], name: str, parts: Parts) -> Recipe:
    """Check nested tables against the signatures of the parts they name."""
    checker = _Checker(parts)
    recipe = checker.recipe(tables)
    if checker.problems:
        msg = f"{cut(name)} cannot be run:\n{listed(checker.problems)}"
        raise RecipeError(msg, code="recipe-problems")
    return recipe


class _Checker:
    """Walks over the tables and collects problems."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.problems: list[str] = []

    def recipe(self, tables: Mapping[str, Any]) -> Recipe:
        """Return the recipe, which has holes where there are problems."""
        self.problems += options.told_unknown([k for k in tables if k not in TABLES], TABLES)
        given = {name: self._table(tables, name) for name in TABLES}
        data_keys = options.keyword_parameters(DataTable)
        own = {k: given["data"].pop(k) for k in data_keys if k in given["data"]}
        own["projector"] = self._projector(own.get("projector", DataTable().projector))
        if isinstance(own.get("views_drawn"), Mapping):
            own["views_drawn"] = self._draws(own["views_drawn"])
        players = given["objective"].pop("optim", {})
        data = self._core(DataTable, own, "data")
        self._scene(data)
        found: tuple[Any, ...] = (
            self._choice("data", given["data"], self.parts.datasets, also=data_keys),
            self._choice("mapper", given["mapper"], self.parts.mappers),
            self._choice("backbone", given["backbone"], self.parts.backbones),
            self._choice("objective", given["objective"], self.parts.objectives),
            data,
            self._augment(given["augment"]),
            self._core(OptimTable, given["optim"], "optim"),
            self._players(given["objective"].get("use"), players, given["optim"]),
            self._train(given["train"]),
            self._metrics(given["metrics"]),
        )
        return Recipe(*found)

    def _table(self, tables: Mapping[str, Any], name: str, above: str = "") -> dict[str, Any]:
        table = tables.get(name, {})
        if not isinstance(table, Mapping):
            self.problems.append(f"{above}{name} must be a table, not {shown(table)}")
            return {}
        return dict(table)

    def _choice(
        self, where: str, table: Mapping[str, Any], registry: Registry, also: Iterable[str] = ()
    ) -> Choice | None:
        part = self._part(where, table, registry)
        given = {k: v for k, v in table.items() if k != "use"}
        return self._options(where, part, given, ("use", *also)) if part else None

    def _options(
        self, where: str, part: Part, given: dict[str, Any], also: Iterable[str] = ()
    ) -> Choice | None:
        """Check the options of a part; `also` are the other keys that its table may have."""
        values, problems = options.check_options(part.factory, given, where, also)
        self.problems += problems
        return None if problems else Choice(part.name, values)

    def _part(self, where: str, table: Mapping[str, Any], registry: Registry) -> Part | None:
        if "use" not in table:
            names = ", ".join(registry.names())
            self.problems.append(f"{where}.use is missing; there are {names}")
            return None
        if not isinstance(table["use"], str):
            self.problems.append(f"{where}.use must be a name, not {shown(table['use'])}")
            return None
        try:
            return registry.get(table["use"])
        except PartError as error:
            self.problems.append(f"{where}.use: {error}")
            return None

    def _core(self, table: type[Any], given: Mapping[str, Any], where: str) -> Any:  # noqa: ANN401
        values, problems = options.check_options(table, given, where)
        self.problems += problems
        return None if problems else table(**values)

    def _train(self, given: Mapping[str, Any]) -> TrainTable | None:
        """Check [train], and that its quantiles lie on the two sides of the median."""
        table: TrainTable | None = self._core(TrainTable, given, "train")
        if table and table.has_quantiles:
            low, high = table.quantiles
            if not 0 < low < 0.5 < high < 1:
                self.problems.append(
                    f"train.quantiles = [{low:g}, {high:g}]: the first must lie between 0 and 0.5, "
                    "the second between 0.5 and 1, such as [0.05, 0.95]; [0, 0]: none"
                )
        return table

    def _augment(self, given: Mapping[str, Any]) -> AugmentTable | None:
        """Check [augment], its table of films with it, whose defaults are filled in."""
        table: AugmentTable | None = self._core(AugmentTable, given, "augment")
        if table is None or not isinstance(table.film, dict):
            return table
        film: FilmTable | None = self._core(FilmTable, table.film, "augment.film")
        if film is None:
            return None
        for name, bounds in asdict(film).items():
            if isinstance(bounds, tuple) and bounds[0] > bounds[1]:
                told = f"augment.film.{name} = [{bounds[0]:g}, {bounds[1]:g}]"
                self.problems.append(f"{told}: the first must be the lower")
        return replace(table, film=asdict(film))

    def _projector(self, asked: object) -> str | dict[str, Any]:
        """Check a projector, name or table; it is kept a name where every option is the default."""
        if not isinstance(asked, str | Mapping):
            self.problems.append(f"data.projector must be a name or a table, not {shown(asked)}")
            return ""
        table = {"use": asked} if isinstance(asked, str) else asked
        choice = self._choice("data.projector", table, self.parts.projectors)
        if choice is None:
            return ""
        factory = self.parts.projectors.get(choice.use).factory
        plain = choice.options == options.check_options(factory, {}, "")[0]
        return choice.use if plain else {"use": choice.use, **choice.options}

    def _draws(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Check a rule of views and fill in its defaults."""
        rule = self._core(DrawTable, asked, "data.views_drawn")
        return asdict(rule or DrawTable())

    def _metrics(self, tables: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        found = {}
        for name in tables:
            part = self._part(f"metrics.{cut(name)}", {"use": name}, self.parts.metrics)
            table = self._table(tables, name, "metrics.")
            if part and (choice := self._options(f"metrics.{name}", part, table)):
                found[name] = choice.options
        return found

    def _players(
        self, objective: object, tables: object, below: Mapping[str, Any]
    ) -> dict[str, OptimTable]:
        if not isinstance(tables, Mapping):
            told = f"objective.optim must hold a table for each player, not {shown(tables)}"
            self.problems.append(told)
            return {}
        part = self.parts.objectives.parts.get(str(objective))
        names = ("model", *getattr(part.factory, "players", ())) if part else None
        found: dict[str, OptimTable] = {}
        for player, table in tables.items():
            where = f"objective.optim.{player}"
            if names is not None and player not in names:
                self.problems.append(f"{cut(where)} is unknown{options.nearest(player, names)}")
            elif not isinstance(table, Mapping):
                self.problems.append(f"{where} must be a table, not {shown(table)}")
            else:
                found[player] = self._core(OptimTable, {**below, **table}, where)
        return found

    def _scene(self, data: DataTable | None) -> None:
        """Check what no single option can: views that differ, a window that has a width."""
        if data is None:
            return
        try:
            views, _ = parse_views(data.views), parse_views(data.views_scored)
        except RecipeError as error:
            self.problems.append(f"data.views: {error}")
            return
        self.problems += _impossible(data, views)


def _impossible(data: DataTable, views: tuple[View, ...]) -> Iterator[str]:
    """Say which values of [data] do not go together."""
    angles = [replace(view, mirrored=False) for view in views]
    twice = ", ".join(str(view) for view in dict.fromkeys(angles) if angles.count(view) > 1)
    if twice:
        yield f"data.views has {twice} degrees twice; name each view once"
    yield from view_rule.problems(data, views)
    low, high = data.window
    if low >= high:
        yield f"data.window = [{low:g}, {high:g}]: the first must be the lower"
