"""What is known of a reconstruction, and what --strict asks of it."""

from dataclasses import replace

import pytest

from repcat.errors import DataError
from repcat.radiographs.finding import Caution


@pytest.fixture
def case(model, integrals):
    return model.reconstruct(list(integrals.numpy()))


def test_views_films_and_images_are_in_one_order(case, integrals):
    assert [view.azimuth for view in case.views] == [0, 90]
    assert len(case.films) == len(case.said) == len(case.agreement) == len(case.given) == 2
    assert case.reprojected.shape == case.given.shape == integrals.shape
    assert case.geometry.voxels == tuple(case.volume.shape)


def test_it_knows_which_model_made_it(case, trained):
    assert case.origin.path == trained and case.origin.step == 4
    assert case.origin.dataset == "phantoms"


def test_strict_names_every_warning_and_passes_without_one(case):
    replace(case, cautions=()).check_no_warnings()
    doubted = replace(case, cautions=(Caution("far", "it is far"), Caution("tag", "not used")))
    with pytest.raises(DataError, match=r"^--strict: far: it is far; tag: not used$"):
        doubted.check_no_warnings()


def test_a_file_in_the_place_of_its_folder_is_not_overwritten(case, tmp_path):
    (tmp_path / "case").write_text("mine")
    with pytest.raises(DataError, match="is a file; choose another --out"):
        case.write(tmp_path / "case")
    assert (tmp_path / "case").read_text() == "mine"
