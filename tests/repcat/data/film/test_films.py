"""Films within a training: which draws become one, and that nobody's order matters."""

import pytest
import torch

from repcat.config.film_table import BANK
from repcat.data.film.films import Films, greys_of
from repcat.data.grey_levels import percentiles
from repcat.data.loader import Loader, PatientCache, Stream
from repcat.errors import PartError, RecipeError
from repcat.models.build import make_projector, open_training

ALL = {"film": {"letters": 1, "each": 1.0}}


def stream(recipe_of, parts, **tables):
    recipe = recipe_of(**tables)
    cache = PatientCache(open_training(recipe, parts), recipe, recipe.bank)
    return Stream(cache, project=make_projector(recipe, parts))


def test_draws_are_a_function_of_seed_draw_and_place_whatever_the_workers(recipe_of, parts):
    def of(workers):
        data = {"use": "blobs", "size": 16, "views": ["bank:6"], "views_scored": [0]}
        return stream(
            recipe_of,
            parts,
            data=data | {"views_drawn": [1, 3]},
            augment={"film": "bank", "contrast": 0.2, "spatial_p": 0.3},
            train={"workers": workers, "batch_size": 4},
        )

    plain = of(0)
    here, there = Loader(plain, 2, "cpu"), Loader(of(2), 2, "cpu")
    for k in (2, 3):
        late, one, other = plain[k], next(here), next(there)
        assert torch.equal(one.xrays, late.xrays) and torch.equal(other.xrays, late.xrays)


def test_volumes_stay_and_xrays_become_films(recipe_of, parts):
    film, plain = (stream(recipe_of, parts, augment=a)[0] for a in (ALL, {}))
    assert torch.equal(film.volume, plain.volume) and film.ids == plain.ids
    assert not torch.allclose(film.xrays, plain.xrays, atol=0.05)


def test_none_are_films_where_the_share_is_0(recipe_of, parts):
    none, plain = (
        stream(recipe_of, parts, augment=a)[0] for a in ({"film": {**ALL["film"], "p": 0.0}}, {})
    )
    assert torch.equal(none.xrays, plain.xrays) and torch.equal(none.volume, plain.volume)


def test_a_mirrored_patient_is_a_film_of_the_mirrored_patient(recipe_of, parts):
    """Mirrored are the film and the volume, so that they go on being one patient's."""
    film, flipped = (stream(recipe_of, parts, augment=ALL | {"flip_p": p})[0] for p in (0.0, 1.0))
    assert torch.equal(flipped.volume, film.volume.flip(-1))
    assert torch.equal(flipped.xrays[:, 0], film.xrays[:, 0].flip(-1))


def test_films_are_as_bright_as_the_training_xrays(recipe_of, parts):
    recipe = recipe_of()
    cache = PatientCache(open_training(recipe, parts), recipe)
    greys = greys_of(cache)
    units = torch.stack([cache.pair(p)[0] for p in cache.patients.ids("train")])
    assert torch.allclose(greys[1], percentiles(units[:, 1]))


def test_hardening_needs_a_projector_and_nothing_else_does(recipe_of, parts):
    recipe = recipe_of(augment={"film": {"kvp": [60.0, 120.0]}})
    cache = PatientCache(open_training(recipe, parts), recipe)
    with pytest.raises(PartError, match="X-rays of a volume cannot be made here"):
        Stream(cache)
    plain = recipe_of(augment=ALL)
    assert Stream(PatientCache(open_training(plain, parts), plain))[0].xrays.isfinite().all()


def test_bone_is_cast_of_the_patient_as_it_was_moved(recipe_of, parts):
    recipe = recipe_of(augment={"film": "bank"})
    cache = PatientCache(open_training(recipe, parts), recipe)
    films = Films(BANK, cache, make_projector(recipe, parts), 0)
    hu = torch.full((16, 16, 16), -1000.0)
    hu[4:8, 4:8, 4:8] = 800.0
    assert films._bone_of("train-0", [0, 1]).max() == 0  # tissue of 40 HU
    assert films._bone_of(hu, [1]).shape == (1, 16, 16) and films._bone_of(hu, [1]).max() > 0


def test_what_cannot_be_is_said_before_training(recipe_of):
    with pytest.raises(RecipeError, match=r"film\.kvp = \[120, 60\]: the first must be the lower"):
        recipe_of(augment={"film": {"kvp": [120.0, 60.0]}})
    with pytest.raises(RecipeError, match=r"augment\.film\.scater is unknown; did you mean"):
        recipe_of(augment={"film": {"scater": [0.1, 0.2]}})
    with pytest.raises(RecipeError, match="input should be 'none' or 'bank'"):
        recipe_of(augment={"film": "all"})


def test_a_recipe_keeps_its_films(recipe_of):
    table = recipe_of(augment={"film": {"arms": 50.0}}).to_tables()["augment"]
    assert table["film"]["arms"] == 50.0 and table["film"]["p"] == 1.0
    again = recipe_of(augment=table).augment
    assert again.film_table.arms == 50.0 and recipe_of().augment.film_table is None
    assert recipe_of(augment={"film": "bank"}).augment.film_table == BANK
