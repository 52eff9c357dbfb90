"""Schema of a study file: the signatures, as for recipes."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Le, Len
from typing_extensions import Doc

from repcat.config.schema import MOST_STEPS

# The inventory of the paper: 65 items, its future directions, what the code alone has.
IDS = tuple([f"P{n:02d}" for n in range(1, 66)] + [f"F{n}" for n in range(1, 6)] + ["C1", "C2"])


@dataclass(frozen=True, kw_only=True, slots=True)
class StudyTable:
    """What a study file may say."""

    title: Annotated[str, Doc("what the table is called")]
    row: Annotated[tuple[dict[str, Any], ...], Len(1, 1_000), Doc("the rows, [[row]] each")]
    base: Annotated[str, Doc("recipe that rows change, beside the study file")] = ""
    protocol: Annotated[str, Len(0, 200), Doc("protocol that rows are ranked by")] = "standard"
    seeds: Annotated[
        tuple[Annotated[int, Ge(0), Le(10**18)], ...], Len(1, 1_000), Doc("train.seed of each run")
    ] = (0,)
    metrics: Annotated[tuple[str, ...], Len(1, 100), Doc("figures, the ranking one first")] = (
        "psnr",
        "ssim",
        "mse",
        "mae",
    )
    change: Annotated[
        dict[str, Any] | None,
        Doc("what every row changes whose part has the option; a row's own and --set go before"),
    ] = None
    checkpoints: Annotated[
        tuple[Annotated[int, Ge(1), Le(MOST_STEPS)], ...],
        Len(0, 1_000),
        Doc("saved steps of which each is a row, beside the last; train.save_every divides them"),
    ] = ()
    dataset: Annotated[
        tuple[dict[str, Any], ...], Len(0, 100), Doc("what rows are scored on, [[dataset]] each")
    ] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceTable:
    """What [[dataset]] may say."""

    name: Annotated[str, Len(1, 200), Doc("the paper's name of it")]
    path: Annotated[str, Doc("prepared dataset; empty: the one that the recipe trains on")] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowTable:
    """What [[row]] may say."""

    name: Annotated[str, Len(1, 200), Doc("what the row is called")]
    id: Annotated[
        str | tuple[str, ...], Doc("items of the paper's inventory, P01 to C2, where it is one")
    ] = ()
    recipe: Annotated[str, Doc("recipe instead of the study's base")] = ""
    change: Annotated[dict[str, Any] | None, Doc("tables merged over the recipe")] = None
    published: Annotated[
        dict[str, dict[str, float]] | None, Doc("figures as printed, by dataset")
    ] = None
    only_published: Annotated[bool, Doc("a method that repcat has not; nothing is trained")] = False
    needs: Annotated[
        str, Doc("plugin whose parts the row has; without it the row shows what was published")
    ] = ""
    every_checkpoint: Annotated[bool, Doc("one row for each saved step")] = False
    protocol: Annotated[str, Len(0, 200), Doc("protocol of this row's figures, if it says")] = ""
