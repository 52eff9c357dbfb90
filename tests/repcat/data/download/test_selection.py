"""One chest CT a patient, the same whatever the order of rows; more patients only add."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from repcat.commands.fetch import fetch
from repcat.data.download.collections import SEVEN
from repcat.data.download.download import make_order
from repcat.data.download.idc_index import ct_series
from repcat.data.download.selection import DERIVED, PARTIAL, RULE, is_fit, select
from repcat.data.download.series import Series

PLAIN = Series(
    "c", "p", "1.2", "CT Image Storage", "CHEST", "CT CHEST", "LUNG", 200, 9, "l", "d", "b", "k"
)


@pytest.fixture(scope="module")
def found():
    pytest.importorskip("idc_index_data", reason="the extra is missing: pip install 'repcat[idc]'")
    return ct_series([c.id for c in SEVEN])


def best(*series):
    (one,) = select(series).chosen
    return one


@pytest.mark.parametrize("name", [c.id for c in SEVEN])
def test_each_patient_has_one_series_or_is_left_out(found, name):
    selection = select(found[name])
    chosen = [one.patient for one in selection.chosen]
    assert len(chosen) == len(set(chosen))
    assert {*chosen, *selection.without} == {one.patient for one in found[name]}


def test_what_is_chosen_does_not_depend_on_the_order_of_rows(found):
    rows = list(found["anti_pd_1_lung"])
    random.Random(0).shuffle(rows)
    assert select(rows) == select(found["anti_pd_1_lung"])


@pytest.mark.parametrize(
    ("name", "patients"),
    # LIDC, SPIE, LCTSC: all, as each of their scans was read for the chest. Of the others those
    # remain whose CT is not of an abdomen, a head or a PET alone (looked through by eye).
    [("lidc_idri", 1010), ("spie_aapm_lung_ct_challenge", 70), ("lctsc", 60),
     ("midrc_ricord_1b", 116), ("nsclc_radiogenomics", 194), ("anti_pd_1_lung", 28),
     ("covid_19_ny_sbu", 376)],
)  # fmt: skip
def test_so_many_patients_have_a_chest_ct(found, name, patients):
    assert len(select(found[name]).chosen) == patients


def test_single_phases_are_taken_only_where_there_is_nothing_else(found):
    phases = {c.name: sum(bool(PARTIAL.search(one.text)) for one in select(found[c.id]).chosen)
              for c in SEVEN}  # fmt: skip
    # LCTSC has one series a patient, 38 of them a phase or the mean of all.
    assert phases.pop("LCTSC") == 38
    assert phases.pop("NSCLC") == 2 and not any(phases.values())


def test_nothing_that_is_chosen_is_called_a_reformat(found):
    chosen = [one for series in found.values() for one in select(series).chosen]
    assert not [one.text for one in chosen if DERIVED.search(one.text)]


@pytest.mark.parametrize("seed", [0, 7])
def test_a_larger_limit_only_adds(seed):
    orders = [make_order(SEVEN[5], limit, seed).wanted for limit in (1, 5, 20, None)]
    assert [len(order) for order in orders] == [1, 5, 20, 60]
    assert all(more[: len(few)] == few for few, more in pairwise(orders))


def test_the_order_is_a_function_of_seed_and_patient_alone(found):
    rows = found["lctsc"]
    order = [one.patient for one in select(rows).chosen]
    half = [one.patient for one in select(rows[::2]).chosen]
    assert half == [who for who in order if who in half]
    assert order != [one.patient for one in select(rows, seed=1).chosen]


@pytest.mark.parametrize(
    "unfit",
    [
        {"instances": 29},
        {"instances": 801},
        {"kind": "Secondary Capture Image Storage"},
        {"kind": "Enhanced CT Image Storage"},
        {"analysis": "TotalSegmentator"},
        {"text": "CHEST CORONAL"},
        {"text": "CTAC"},
        {"study_text": "PETCT INITIAL TREATMEN", "body_part": ""},
        {"text": "ABDOMEN", "body_part": ""},
    ],
)
def test_what_is_never_chosen(unfit):
    assert is_fit(PLAIN) and not is_fit(replace(PLAIN, **unfit))


def test_a_planning_ct_in_a_pets_study_stays(found):
    assert is_fit(replace(PLAIN, study_text="NM PET SCAN RADIATION", body_part="LUNG"))
    assert sum("PET" in one.study_text for one in select(found["lctsc"]).chosen) >= 4


def test_the_whole_thorax_goes_before_a_phase_then_the_chest_alone_then_most_slices():
    phase = replace(PLAIN, uid="1", text="LUNG 50% Ex", instances=700)
    trunk = replace(PLAIN, uid="2", text="CAP", instances=600)
    thick = replace(PLAIN, uid="3", instances=60)
    assert best(phase, trunk) is trunk
    assert best(phase, trunk, thick) is thick
    assert best(phase, trunk, thick, PLAIN) is PLAIN
    twin = replace(PLAIN, uid="1.1")
    assert best(PLAIN, twin) is best(twin, PLAIN) is twin


def test_the_help_says_the_rule_in_the_same_words():
    assert RULE in " ".join(fetch.__doc__.split())


@pytest.mark.parametrize(("patient", "folder"), [("ZZ RIDER MR8 1", "ZZ_RIDER_MR8_1"),
                                                 ("..", "_."), ("a/../b", "a_.._b")])  # fmt: skip
def test_a_patients_folder_stays_inside(patient, folder):
    assert replace(PLAIN, patient=patient).folder == f"{folder}/1.2"
