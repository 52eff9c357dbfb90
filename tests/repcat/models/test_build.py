"""Tasks that can project: known line integrals, the recipe's projector, and who cannot."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from repcat.errors import DataError, PartError
from repcat.models.build import make_task, open_patients, task_in
from repcat.testing.fixtures import shadows

PROJECTORS = ("nanodrr", "march")
TABLE = {"use": "march", "step_mm": 5.0}


@pytest.fixture
def task_of(recipe_of, parts):
    """Return a maker of the tasks of small recipes; what is given goes into [data]."""

    def make(**data):
        recipe = recipe_of(data={"use": "blobs", "size": 16, **data})
        return make_task(recipe, open_patients(recipe, parts), parts)

    return make


@pytest.mark.parametrize("projector", [{"use": "nanodrr", "step": 0.05}, "march"])
def test_the_rays_through_a_full_volume_are_its_attenuation_times_its_edge(task_of, projector):
    """Parallel rays through 320 mm: HU 0 is .022 / mm by plastimatch's map, HU 500 half more."""
    task = task_of(projector=projector)
    volume = torch.tensor([0.5, 0.75]).reshape(2, 1, 1, 1, 1).expand(2, 1, 16, 16, 16)
    integrals = task.project(task.to_mu(volume))
    assert integrals.shape == (2, 2, 16, 16)
    inside = integrals[..., 4:12, 4:12].flatten(1)  # away from the edges, which fade into air
    for found in (inside.amin(1), inside.amax(1)):
        assert found.tolist() == pytest.approx([0.022 * 320, 0.033 * 320], rel=1e-3)


@pytest.mark.parametrize("projector", PROJECTORS)
def test_a_batch_is_its_patients_one_by_one_with_or_without_a_channel(task_of, projector):
    task = task_of(projector=projector)
    mu = 0.02 * torch.rand(3, 16, 16, 16)
    together = task.project(mu)
    alone = [task.projector(one, task.geometry, task.views) for one in mu]
    assert torch.equal(together, torch.stack(alone))
    assert torch.equal(together, task.project(mu.unsqueeze(1)))
    assert torch.equal(together[:, 1:], task.project(mu, task.views[1:]))


@pytest.mark.parametrize("projector", PROJECTORS)
def test_autocast_does_not_reach_the_physics(task_of, projector):
    task = task_of(projector=projector)
    mu = 0.02 * torch.rand(1, 16, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        images = task.project(mu)
    assert torch.equal(images, task.project(mu))


def test_the_x_rays_of_the_truth_are_the_input(recipe_of, parts):
    """Phantoms project as they load; here their HU are rounded to whole numbers, in [0, 1]."""
    from repcat.data.loader import PatientCache

    data = {"use": "phantoms", "size": 16, "window": [-1000, 3000], "xray": "fixed"}
    recipe = recipe_of(data=data)
    patients = open_patients(recipe, parts)
    task = make_task(recipe, patients, parts)
    batch = PatientCache(patients, recipe).batch(patients.ids("train")[:2])
    again = task.to_xray(task.project(task.to_mu(batch.volume)))
    assert batch.xrays.max() > 0.3
    assert again.sub(batch.xrays).abs().max() < 5e-4


def test_the_options_of_a_projector_reach_it(task_of):
    from repcat_plugins.projectors.march import march

    task = task_of(projector=TABLE)
    mu = 0.02 * torch.rand(16, 16, 16)
    wanted = march(step_mm=5.0)(mu, task.geometry, task.views)
    assert torch.equal(task.project(mu[None])[0], wanted)
    assert not torch.equal(task_of(projector="march").project(mu[None])[0], wanted)


def test_a_part_that_does_not_project_needs_no_projector(recipe_of, parts):
    def absent():
        """Fail as a projector whose program is missing."""
        msg = "no program"
        raise PartError(msg)

    parts.projectors.add("absent", absent)
    recipe = recipe_of(data={"use": "blobs", "size": 16, "projector": "absent"})
    task = task_in(recipe, open_patients(recipe_of(), parts).geometry, parts)
    with pytest.raises(PartError, match="no program"):
        task.project(torch.zeros(1, 16, 16, 16))
    with pytest.raises(PartError, match="code: cannot-project"):
        task.to_mu(torch.zeros(1))


def test_volumes_without_hu_are_not_projected(task_of):
    with pytest.raises(PartError, match="code: cannot-project"):
        task_of(volume="minmax").to_mu(torch.zeros(1))


def test_a_projector_without_gradients_may_make_data_but_no_loss(task_of):
    task = dataclasses.replace(task_of(), projector=lambda *given: shadows(*given).detach())
    mu = torch.zeros(1, 16, 16, 16, requires_grad=True)
    with torch.no_grad():
        assert task.project(mu).shape == (1, 2, 16, 16)
    with pytest.raises(PartError, match="code: cannot-project"):
        task.project(mu)


def test_a_folder_is_opened_by_the_dataset_that_says_so(recipe_of, parts, tmp_path):
    recipe = recipe_of()
    opened = []

    def spy(request, *, where: str):
        """Open a folder."""
        opened.append(where)
        return open_patients(recipe, parts)

    spy.folder_option = "where"
    del parts.datasets.parts["prepared"]
    with pytest.raises(PartError, match="code: no-prepared-dataset"):
        open_patients(recipe, parts, tmp_path)
    parts.datasets.add("spy", spy)
    assert open_patients(recipe, parts, tmp_path).name == "blobs"
    assert opened == [str(tmp_path)]


@pytest.mark.parametrize(
    ("ids", "code"), [(("../p", "q"), "unsafe-id"), (("p", "p"), "patient-twice")]
)
def test_ids_of_any_dataset_are_checked_before_a_file_is_named_by_them(recipe_of, parts, ids, code):
    class Strange(parts.datasets.get("blobs").factory):
        def ids(self, split):
            return ids if split == "test" else ()

    parts.datasets.add("strange", Strange)
    recipe = recipe_of(data={"use": "strange", "size": 16})
    with pytest.raises(DataError, match=f"code: {code}"):
        open_patients(recipe, parts)
