"""X-rays made films, scored."""

import pytest
import torch

from repcat.analysis.film_effects import film_rows
from repcat.data.film.effects import EFFECTS
from repcat.data.grey_levels import percentiles
from repcat.models.build import open_patients
from repcat.runs.opened import OpenRun
from repcat.runs.run import Run


@pytest.fixture
def opened(recipe_of, parts, tmp_path):
    recipe = recipe_of(data={"use": "phantoms", "size": 16, "train": 1})
    return OpenRun(Run(tmp_path), recipe, open_patients(recipe, parts), parts)


def cases(opened, parts):
    """Return what the model was shown in each case, and the rows."""
    patient = opened.patients.load(opened.patients.ids("test")[0])
    units = opened.cache.of(patient).xrays[0]
    greys = torch.stack([percentiles(one[None]) for one in units])
    seen = []

    def predict(batch):
        seen.append(batch.xrays[0])
        return patient.volume

    march = parts.projectors.make("march", {"step_mm": 8.0})
    rows = list(film_rows(patient, opened, greys, predict, {"march": march}))
    return {row.method: image for row, image in zip(rows, seen, strict=True)}, rows, units


def test_the_model_sees_stored_xrays_each_effect_all_and_those_of_another_projector(opened, parts):
    seen, rows, units = cases(opened, parts)
    other = ["stored, march", "no effect, march", "bank, march"]
    assert [*seen] == ["stored", "no effect", *EFFECTS, "bank", *other]
    assert torch.equal(seen["stored"], units)
    assert torch.allclose(seen["no effect"], units, atol=1e-3)
    assert not torch.allclose(seen["bank"], units, atol=0.02)
    assert not torch.equal(seen["stored, march"], units)
    assert torch.allclose(seen["stored, march"], units, atol=0.2)
    assert rows[0].figures["mse"] == pytest.approx(0, abs=1e-9)


def test_films_of_a_patient_are_the_same_in_every_run(opened, parts):
    one, other = cases(opened, parts)[0], cases(opened, parts)[0]
    assert all(torch.equal(one[name], other[name]) for name in one)
