"""Build what a recipe names: dataset, projector, network, objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from torch import Tensor

from repcat.config.recipe import Choice, Recipe
from repcat.config.view_rule import draws, rule_of
from repcat.contracts import SPLITS, InputMapper, Objective, Patients, Request
from repcat.data.intensity import to_unit_of
from repcat.data.patient_id import check_ids
from repcat.errors import PartError
from repcat.geometry import Geometry
from repcat.models.network import BOUNDS, Network
from repcat.registry.parts import Parts
from repcat.rng import seeded
from repcat.types import Grid, Projector, Task, cannot_project
from repcat.view import View

NO_DATASET = cannot_project("an exported model is without its dataset, which knows attenuation")
NO_HU = cannot_project("data.volume = 'minmax' gives volumes without HU; set it to 'window'")


def open_patients(recipe: Recipe, parts: Parts, path: Path | None = None) -> Patients:
    """Open the dataset of a recipe, or the prepared one at `path`, in the views that are scored."""
    return _open(recipe, recipe.views, parts, path)


def open_training(recipe: Recipe, parts: Parts) -> Patients:
    """Open the dataset of a recipe in every view that a training may see."""
    return _open(recipe, recipe.bank, parts)


def _open(
    recipe: Recipe, views: tuple[View, ...], parts: Parts, path: Path | None = None
) -> Patients:
    request = Request(recipe.data.size, views, make_projector(recipe, parts))
    choice = recipe.dataset if path is None else prepared_choice(parts, path)
    patients = parts.datasets.get(choice.use).factory(request, **choice.options)
    assert isinstance(patients, Patients)
    check_ids({s: patients.ids(s) for s in SPLITS}, f"the dataset {patients.name}")
    return patients


def folder_option(parts: Parts, dataset: str) -> str:
    """Return which option of a dataset names a folder of `repcat prepare`; empty: none."""
    found: str = getattr(parts.datasets.get(dataset).factory, "folder_option", "")
    return found


def prepared_choice(parts: Parts, path: Path) -> Choice:
    """Choose the dataset that opens a folder of `repcat prepare`: the first that says it does."""
    for name in parts.datasets.parts:
        if option := folder_option(parts, name):
            return Choice(name, {option: str(path)})
    msg = f"no installed dataset opens a folder of `repcat prepare`, such as {path}"
    raise PartError(msg, code="no-prepared-dataset")


def make_projector(recipe: Recipe, parts: Parts) -> Projector:
    """Build the projector of a recipe."""
    projector: Projector = parts.projectors.make(recipe.projector.use, recipe.projector.options)
    return projector


def make_task(recipe: Recipe, patients: Patients, parts: Parts) -> Task:
    """Say what parts may know before they are built, of a recipe and its dataset."""
    return task_in(recipe, patients.geometry, parts, patients.attenuate)


def task_in(
    recipe: Recipe,
    geometry: Geometry,
    parts: Parts,
    attenuate: Callable[[Tensor], Tensor] = NO_DATASET,
) -> Task:
    """Say what parts may know before they are built, where the dataset's scene is known.

    The projector is built when a part first projects.
    """
    size, projector = recipe.data.size, cache(partial(make_projector, recipe, parts))
    return Task(
        views=recipe.bank,
        xray=Grid(len(recipe.bank), (size, size)),
        volume=Grid(1, (size, size, size)),
        geometry=geometry,
        window=recipe.window,
        seed=recipe.train.seed,
        projector=lambda mu, scene, views: projector()(mu, scene, views),
        attenuate=attenuate if recipe.data.volume == "window" else NO_HU,
        to_xray=to_unit_of(recipe.data),
    )


def build_network(recipe: Recipe, task: Task, parts: Parts) -> Network:
    """Build mapper and backbone; their weights depend on the seed and on nothing before.

    With `train.quantiles` the backbone's target has a channel for each beside the volume's.
    """
    mapper = _make(parts.mappers.get(recipe.mapper.use).factory, recipe.mapper, task)
    _check_draws(recipe, mapper, parts)
    factory = parts.backbones.get(recipe.backbone.use).factory
    bounded = recipe.train.has_quantiles
    channels = task.volume.channels + len(BOUNDS) * bounded
    with seeded(task.seed, "backbone"):
        target = replace(task.volume, channels=channels)
        backbone = factory(mapper.out, target, **recipe.backbone.options)
    return Network(mapper, backbone, bounded=bounded)


def _check_draws(recipe: Recipe, mapper: InputMapper, parts: Parts) -> None:
    """Raise PartError where batches of other views come than the mapper takes."""
    data, jitter = recipe.data, recipe.augment.pose_degrees
    if mapper.any_views:
        return
    if jitter and recipe.augment.pose_p:
        msg = (
            f"augment.pose_degrees = {jitter:g} states views wrong, but mapper "
            f"{recipe.mapper.use!r} goes by the recipe's; set it to 0, or choose a mapper that "
            f"goes by what is stated, such as {_any_views(parts)}"
        )
        raise PartError(msg, code="pose-unheard")
    if not draws(data) and recipe.views == recipe.bank:
        return
    drawn = data.views_drawn
    told = "the table data.views_drawn" if rule_of(data) else f"data.views_drawn = {[*drawn]}"
    some = f"{told} draws" if draws(data) else "data.views_scored names"
    msg = (
        f"{some} some of the views, but mapper {recipe.mapper.use!r} reads all of them at once; "
        f"leave {'views_drawn' if draws(data) else 'views_scored'} out, or choose a mapper that "
        f"takes any number, such as {_any_views(parts)}"
    )
    raise PartError(msg, code="views-drawn")


def _any_views(parts: Parts) -> str:
    """Name the mappers that take any number of views at any angle."""
    known = parts.mappers.names()
    able = [n for n in known if getattr(parts.mappers.get(n).factory, "any_views", False)]
    return ", ".join(map(repr, able))


def build_objective(recipe: Recipe, task: Task, network: Network, parts: Parts) -> Objective:
    """Build the objective and refuse it where it reads branches that the backbone has not."""
    factory = parts.objectives.get(recipe.objective.use).factory
    objective = _make(factory, recipe.objective, task)
    assert isinstance(objective, Objective)
    missing = objective.branches - network.branches
    if missing:
        msg = (
            f"objective {recipe.objective.use!r} reads the branches {sorted(missing)}, which "
            f"backbone {recipe.backbone.use!r} does not give"
        )
        raise PartError(msg, code="branches-missing")
    return objective


def _make(factory: Any, choice: Choice, task: Task) -> Any:  # noqa: ANN401  (a part of any kind)
    with seeded(task.seed, choice.use):
        return factory(task, **choice.options)
