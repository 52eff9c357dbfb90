"""The index as it is installed, against what the collections say of themselves."""

import builtins

import pytest

from repcat.data.download.collections import SEVEN
from repcat.data.download.idc_index import collection_ids, ct_series, index_file, index_version
from repcat.errors import DataError

# Patients and CT series. LIDC-IDRI: Armato 2011, 1018 scans; the 8 patients with two are the 1010
# of TCIA's page. SPIE-AAPM: Armato 2016, 70 scans. RICORD 1b: 120 scans of 117 patients, TCIA.
# LCTSC: Yang 2018, 60 patients. NSCLC: Bakr 2018, 211 patients. ANTI-PD-1: TCIA, 46 patients.
PUBLISHED = {
    "lidc_idri": (1010, 1018),
    "spie_aapm_lung_ct_challenge": (70, 70),
    "midrc_ricord_1b": (117, 120),
    "lctsc": (60, 60),
    "nsclc_radiogenomics": (211, None),
    "anti_pd_1_lung": (46, None),
}


@pytest.fixture(scope="module")
def found():
    pytest.importorskip("idc_index_data", reason="the extra is missing: pip install 'repcat[idc]'")
    return ct_series([c.id for c in SEVEN])


@pytest.mark.parametrize("name", PUBLISHED)
def test_patients_and_scans_are_as_many_as_published(found, name):
    patients, scans = PUBLISHED[name]
    assert len({one.patient for one in found[name]}) == patients
    assert scans in (None, len(found[name]))


def test_licences_are_those_of_the_collections_pages(found):
    licences = {c.name: {one.licence for one in found[c.id]} for c in SEVEN}
    assert licences.pop("MIDRC-1b") == {"CC BY-NC 4.0"}
    assert licences.pop("COVID-19-NY-SBU") == {"CC BY 4.0"}
    assert all(names == {"CC BY 3.0"} for names in licences.values())


def test_every_series_has_what_a_download_needs(found):
    for one in (one for series in found.values() for one in series):
        assert one.bucket.startswith("idc-open-data") and len(one.prefix) == 36
        assert one.instances > 0 and one.size > 0 and one.doi.startswith("10.")


def test_the_index_has_the_seven_and_many_more():
    ids = collection_ids()
    assert {c.id for c in SEVEN} <= set(ids) and len(ids) > 50
    assert int(index_version().split(".")[0]) >= 20 and index_file().is_file()


def test_without_the_extra_one_line_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def missing(name, *rest, **more):
        if name == "idc_index_data":
            raise ImportError
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(DataError, match="code: extra-missing"):
        index_file()
