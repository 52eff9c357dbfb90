"""Names: the paper's seven, the studies that ask for them, and others by their id."""

import tomllib
from pathlib import Path

import pytest

from repcat.data.download.collections import SEVEN, commands_for, find
from repcat.errors import DataError

RECIPES = Path(__file__).parents[4] / "recipes"


def datasets():
    """Yield name and path of every dataset of the studies; without a path it is the recipe's."""
    for study in sorted((RECIPES / "studies").glob("*.toml")):
        for place in tomllib.loads(study.read_text()).get("dataset", ()):
            yield place["name"], place.get("path", "data/lidc")


def test_names_and_paths_are_those_of_table_2_in_its_order():
    study = tomllib.loads((RECIPES / "studies/table2.toml").read_text())
    assert [c.name for c in SEVEN] == [place["name"] for place in study["dataset"]]


def test_every_dataset_of_every_study_is_one_of_the_seven_or_the_users_own():
    known = {(c.name, c.dataset) for c in SEVEN} | {("real", "data/real")}
    assert set(datasets()) <= known


def test_the_collection_to_train_on_goes_where_the_recipe_looks():
    recipe = tomllib.loads((RECIPES / "swin_ot.toml").read_text())
    assert SEVEN[0].dataset == recipe["data"]["path"] and not SEVEN[0].split


@pytest.mark.parametrize("name", ["COVID-19-NY-SBU", "covid-19-ny-sbu", "covid_19_ny_sbu"])
def test_a_collection_is_found_by_either_name_in_any_case(name):
    assert find(name) is SEVEN[1]


def test_any_other_collection_is_found_by_its_id():
    found = find("lung_pet_ct_dx")
    assert (found.name, found.dataset) == ("lung_pet_ct_dx", "data/lung_pet_ct_dx")
    assert "--split" not in found.prepare_command()


@pytest.mark.parametrize(
    ("typo", "meant"),
    [("LIDC", "'LIDC-IDRI'"), ("lctcs", "'LCTSC'"), ("midrc_ricord_1", "'midrc_ricord_1b'")],
)
def test_a_typo_gets_the_nearest_names(typo, meant):
    with pytest.raises(DataError, match="did you mean") as told:
        find(typo)
    assert meant in str(told.value)


def test_a_name_like_no_other_leads_to_the_list():
    with pytest.raises(DataError, match="code: no-such-collection"):
        find("xyzzy")


def test_a_dataset_of_the_seven_is_made_by_a_download_and_prepare():
    download, prepare = commands_for(Path("data/midrc-1b"))
    assert download == "repcat fetch MIDRC-1b"
    assert prepare == (
        "repcat prepare data/dicom/midrc-1b --out data/midrc-1b --place top --split 0,0,1"
    )


def test_any_other_dataset_is_made_of_the_users_own_scans():
    assert commands_for(Path("data/my own")) == ["repcat prepare CT_FOLDER --out 'data/my own'"]
