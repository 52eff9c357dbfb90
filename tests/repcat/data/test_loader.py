"""Draw k is a function of the seed and of k."""

from itertools import islice

import pytest
import torch

from repcat.data.loader import Loader, PatientCache, Stream
from repcat.models.build import open_patients


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
