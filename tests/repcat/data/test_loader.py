"""Draw k is a function of the seed and of k."""

from itertools import islice

import pytest
import torch

from repcat.data.loader import Loader, PatientCache, Stream
from repcat.errors import DataError
from repcat.models.build import open_patients, open_training
from repcat.view import View


@pytest.fixture
def stream(recipe_of, parts):
    recipe = recipe_of(augment={"contrast": 0.5, "rotation": 10.0, "flip_p": 0.5})
    return Stream(PatientCache(open_patients(recipe, parts), recipe))


def test_a_draw_does_not_depend_on_the_ones_before(stream):
    late = stream[5]
    again = Loader(stream, 5, "cpu")
    assert torch.equal(next(again).xrays, late.xrays) and again.drawn == 6


def test_an_epoch_holds_each_patient_once(stream):
    seen = [i for k in range(3) for i in stream.ids_of(k)]
    assert sorted(seen) == sorted(stream.ids)
    assert [i for k in range(3, 6) for i in stream.ids_of(k)] != seen


def test_worker_processes_change_nothing(recipe_of, parts, stream):
    recipe = recipe_of(
        augment={"contrast": 0.5, "rotation": 10.0, "flip_p": 0.5}, train={"workers": 2}
    )
    draws = Loader(Stream(PatientCache(open_patients(recipe, parts), recipe)), 0, "cpu")
    for k, batch in enumerate(islice(draws, 3)):
        assert torch.equal(batch.volume, stream[k].volume)
        assert torch.equal(batch.xrays, stream[k].xrays)


def test_what_is_wrong_with_a_patient_is_told_by_a_worker_as_without_one(
    recipe_of, parts, monkeypatch
):
    def damaged(*_):
        msg = "patients/p0.safetensors is damaged; prepare it again"
        raise DataError(msg, code="patient-damaged")

    monkeypatch.setattr(PatientCache, "pair", damaged)
    recipe = recipe_of(train={"workers": 1})
    draws = Loader(Stream(PatientCache(open_patients(recipe, parts), recipe)), 0, "cpu")
    with pytest.raises(DataError) as told:
        next(draws)
    assert str(told.value) == "patients/p0.safetensors is damaged; prepare it again"
    assert told.value.code == "patient-damaged"


def test_minmax_scales_as_the_released_code_does(recipe_of, parts, golden):
    z = golden("data_transforms")
    recipe = recipe_of(data={"use": "blobs", "size": 16, "volume": "minmax"})
    cache = PatientCache(open_patients(recipe, parts), recipe)
    # the released code also flips all three axes, which its own axes need and ours do not
    ours = cache.volume(torch.from_numpy(z["ct_raw"])).flip(0, 1, 2)
    assert torch.allclose(ours, torch.from_numpy(z["ct_out"]).float(), atol=1e-6)


def test_volumes_and_xrays_lie_in_0_to_1(stream):
    batch = stream.cache.batch(["train-0"])
    for values in (batch.xrays, batch.volume):
        assert values.min() >= 0 and values.max() <= 1


@pytest.fixture
def drawn(recipe_of, parts):
    """A maker of streams over five views, some of which are drawn for each batch."""

    def make(views_drawn, **train):
        data = {"use": "blobs", "size": 16, "views": [0, 90, 180, 270, 45]}
        data |= {"views_drawn": views_drawn} if views_drawn else {}
        recipe = recipe_of(data=data, augment={"contrast": 0.5}, train=train)
        return Stream(PatientCache(open_patients(recipe, parts), recipe))

    return make


def test_views_drawn_are_a_function_of_seed_and_draw_whoever_asks(drawn):
    late = drawn([1, 5])[7]
    for loader in (Loader(drawn([1, 5]), 7, "cpu"), Loader(drawn([1, 5], workers=2), 7, "cpu")):
        again = next(loader)
        assert again.views == late.views and torch.equal(again.xrays, late.xrays)
    some = [drawn([1, 5], seed=s).views_of(k) for s in (0, 1) for k in range(8)]
    assert some[:8] != some[8:]


def test_drawn_are_the_recipes_views_in_their_order_from_fewest_to_most(drawn):
    stream = drawn([2, 4])
    found = [stream.views_of(k) for k in range(400)]
    assert all(one == sorted({*one}) for one in found)
    # 400 draws of three counts: 133 of each, four standard deviations are 38
    counts = [sum(len(one) == n for one in found) for n in range(6)]
    assert counts[:2] == [0, 0] == [counts[5], 0] and all(95 < n < 172 for n in counts[2:5])
    assert {n for one in found for n in one} == {*range(5)}


def test_a_batch_of_a_bank_has_the_drawn_views_and_validation_those_that_are_scored(
    recipe_of, parts
):
    data = {"use": "blobs", "size": 16, "views": ["bank:12"], "views_scored": [90, 0]}
    recipe = recipe_of(data=data | {"views_drawn": {}})
    cache = PatientCache(open_training(recipe, parts), recipe, recipe.bank)
    stream = Stream(cache)
    for k in range(6):
        batch, numbers = stream[k], stream.views_of(k)
        assert batch.views == tuple(recipe.bank[n] for n in numbers)
        pairs = [cache.pair(i) for i in batch.ids]
        assert torch.equal(batch.xrays, torch.stack([xrays[numbers] for xrays, _ in pairs]))
    seen = cache.batch(["validation-0"])
    alone = PatientCache(open_patients(recipe, parts), recipe).batch(["validation-0"])
    assert seen.views == alone.views == (View(90), View(0))
    assert torch.equal(seen.xrays, alone.xrays)


def test_a_batch_of_drawn_views_is_a_part_of_the_whole_one(drawn):
    """Also where the whole is augmented: contrast goes by the mean over all views."""
    whole, some = drawn(())[3], drawn([3, 3])[3]
    numbers = drawn([3, 3]).views_of(3)
    assert some.views == tuple(whole.views[n] for n in numbers)
    assert torch.equal(some.xrays, whole.xrays[:, numbers])
    assert torch.equal(some.volume, whole.volume)
