import numpy as np
import pytest
import torch

import repcat
from repcat.data.intensity import to_unit
from repcat.errors import DataError
from repcat.inference.exported import write_exported
from repcat.radiographs.orientation import NAMES, turn, undo
from repcat.radiographs.training_reference import FILE

NAMED = ["pa", "lateral"]


def test_line_integrals_give_what_the_dataset_itself_gives(model, integrals):
    """No step of reading films changes what the model reads of its own projector's X-rays."""
    case = model.reconstruct(list(integrals.numpy()))
    assert torch.allclose(case.given, to_unit(integrals), atol=1e-6)
    assert torch.equal(case.volume, model.volume(case.given))
    assert case.volume.shape == (24, 24, 24)


def test_pictures_come_near_to_their_line_integrals(model, integrals, films):
    case = model.reconstruct(films, NAMED)
    assert (case.given - to_unit(integrals)).abs().mean() < 0.05  # percentiles of another patient
    again = model.reconstruct(films[::-1], NAMED[::-1])
    assert torch.equal(case.volume, again.volume)


def test_a_negative_is_recognised(model, integrals):
    grey = [(1000 - 1000 * i / i.max()).numpy().astype(np.uint16) for i in integrals]
    case = model.reconstruct(grey)
    assert all("inverted: bone was dark" in film.steps for film in case.films)
    assert (case.given - to_unit(integrals)).abs().mean() < 0.05


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_a_turned_film_is_named_and_turned_back(model, integrals, number):
    wrong = [turn(integrals[0], number).numpy(), integrals[1].numpy()]
    (caution,) = [c for c in model.reconstruct(wrong).cautions if c.code == "orientation"]
    assert f"the X-ray at 0 degrees looks {NAMES[number]}" in caution.text
    assert caution.measure < caution.limit
    case = model.reconstruct(wrong, handling=repcat.Handling(turn="auto"))
    assert torch.allclose(case.given, to_unit(integrals), atol=1e-6)
    assert not [c for c in case.cautions if c.code == "orientation"]
    assert undo(undo(number)) == number


def test_swapped_files_and_noise_are_told(model, integrals):
    swapped = model.reconstruct(list(integrals.flip(0).numpy()))
    assert "view" in {c.code for c in swapped.cautions}
    noise = torch.rand(24, 24, generator=torch.Generator().manual_seed(0)).numpy()
    case = model.reconstruct([noise, integrals[1].numpy()])
    assert {c.code for c in case.cautions} & {"far", "no_chest"}
    with pytest.raises(repcat.DataError, match="code: strict-warnings"):
        case.check_no_warnings()


def test_the_projection_of_the_result_is_compared_with_the_films(model, integrals):
    case = model.reconstruct(list(integrals.numpy()))
    assert [row["azimuth"] for row in case.agreement] == [0, 90]
    error = (case.given[0].double() - case.reprojected[0].double()).square().mean()
    assert case.agreement[0]["psnr"] == pytest.approx(float(-10 * error.log10()))


def test_a_run_can_be_moved_and_an_exported_folder_is_loaded(model, trained, integrals, tmp_path):
    """Weights, recipe, geometry.json and film.safetensors are all it takes."""
    folder = tmp_path / "exported"
    folder.mkdir()
    predictor = model.predictor
    write_exported(folder, model.recipe, model.reference.geometry, predictor.network, 4)
    (folder / FILE).write_bytes((trained / FILE).read_bytes())
    found = repcat.load(folder, device="cpu")
    assert found.origin.step == 4
    images = list(integrals.numpy())
    assert torch.equal(found.reconstruct(images).volume, model.reconstruct(images).volume)


def test_what_the_training_x_rays_are_like_is_made_again_where_it_is_missing(trained, tmp_path):
    import shutil

    run = shutil.copytree(trained, tmp_path / "run")
    kept = (run / FILE).read_bytes()
    (run / FILE).unlink()
    repcat.load(run, device="cpu")
    assert (run / FILE).read_bytes() == kept


def test_views_that_the_model_does_not_read_are_refused_with_the_cure(model, integrals):
    with pytest.raises(repcat.DataError, match=r"repcat train RECIPE .*data\.views = \[0\]"):
        model.reconstruct(list(integrals[:1].numpy()), ["pa"])


def test_an_axial_slice_is_refused(model, integrals):
    y, x = np.mgrid[-1:1:200j, -1:1:200j]
    body = (x / 0.8) ** 2 + (y / 0.6) ** 2 < 1
    lungs = ((abs(x) - 0.35) / 0.25) ** 2 + (y / 0.4) ** 2 < 1
    grey = (body * 150 - (body & lungs) * 120 + body * 20 * x).astype(np.uint8)
    with pytest.raises(DataError, match="code: axial-slice"):
        model.reconstruct([grey, integrals[1]], [0, 90])
    taken = repcat.Handling(accept=frozenset({"axial-slice"}))
    case = model.reconstruct([grey, integrals[1]], [0, 90], taken)
    assert "axial_slice" in [c.code for c in case.cautions]
