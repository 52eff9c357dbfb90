"""What a run keeps of its training X-rays: film.safetensors and what is asked of it."""

import pytest
import torch
from safetensors import safe_open

from repcat import View
from repcat.errors import RunError
from repcat.radiographs.orientation import UPRIGHT, turn, undo
from repcat.radiographs.training_reference import FILE, fit_reference, read_reference

VIEWS = (View(0.0), View(90.0))


def test_it_comes_back_from_its_file_as_it_was(reference, tmp_path):
    reference.write(tmp_path)
    found = read_reference(tmp_path, VIEWS)
    assert torch.equal(found.templates, reference.templates)
    assert torch.equal(found.percentiles, reference.percentiles)
    assert (found.geometry, found.dataset) == (reference.geometry, "phantoms")
    assert found.count == reference.count == 24
    image = torch.rand(24, 24, generator=torch.Generator().manual_seed(0))
    assert found.distance(image, VIEWS[1]) == pytest.approx(reference.distance(image, VIEWS[1]))


def test_the_same_phantoms_give_the_same_bytes(phantoms, reference, tmp_path):
    for name, one in (("a", reference), ("b", fit_reference(phantoms))):
        (tmp_path / name).mkdir()
        one.write(tmp_path / name)
    assert (tmp_path / "a" / FILE).read_bytes() == (tmp_path / "b" / FILE).read_bytes()


def test_a_run_without_it_has_none_and_a_torn_one_says_what_to_do(reference, tmp_path):
    assert read_reference(tmp_path, VIEWS) is None
    reference.write(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RunError, match="delete it, it is made again"):
        read_reference(tmp_path, VIEWS)


def test_averages_and_components_are_in_the_file_and_no_x_ray(reference, tmp_path):
    reference.write(tmp_path)
    with safe_open(tmp_path / FILE, "pt") as file:
        shapes = {name: tuple(file.get_tensor(name).shape) for name in file.keys()}  # noqa: SIM118
    assert shapes == {
        "templates": (2, 2, 32, 32),
        "means": (2, 32, 32),
        "bases": (2, 8, 32, 32),  # of 24 patients
        "limits": (2,),
        "percentiles": (2, 101),
        "mu": (5101,),
    }


def test_attenuation_is_the_datasets_own_to_the_nearest_hu_and_ends_where_it_was_kept(
    phantoms, reference
):
    hu = torch.tensor([-1000.0, -0.4, 0.0, 40.3, 3000.0])
    assert torch.equal(reference.attenuate(hu), phantoms.patients.attenuate(hu.round()))
    ends = reference.attenuate(torch.tensor([-5000.0, 9000.0]))
    assert torch.equal(ends, phantoms.patients.attenuate(torch.tensor([-1100.0, 4000.0])))


@pytest.mark.parametrize("view", [0, 1])
def test_training_x_rays_are_near_whichever_way_up_and_noise_is_far(phantoms, reference, view):
    ids, seen = phantoms.patients.ids("train"), VIEWS[view]
    images = torch.stack([phantoms.pair(i)[0][view] for i in ids])
    # 1 is what a hundredth of them strayed when each was held against the others
    assert max(reference.distance(image, seen) for image in images) < 1
    assert reference.distance(turn(images[0], 6), seen) == pytest.approx(
        reference.distance(images[0], seen), rel=1e-4
    )
    noise = torch.rand(24, 24, generator=torch.Generator().manual_seed(0))
    assert reference.distance(noise, seen) > 2


def test_belief_is_a_probability_that_a_header_settles(phantoms, reference):
    image = phantoms.pair("phantom-200000")[0][0]
    for number in range(8):
        belief = reference.belief(turn(image, number), VIEWS[0])
        assert belief.sum() == pytest.approx(1) and int(belief.argmax()) == undo(number)
        told = reference.belief(turn(image, number), VIEWS[0], oriented=True)
        assert told.sum() == pytest.approx(1) and told[UPRIGHT] > belief[UPRIGHT]
