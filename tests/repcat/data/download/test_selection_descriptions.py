"""What technicians write, word for word from the seven collections' rows of the index."""

import pytest

from repcat.data.download.selection import DERIVED, PARTIAL, WHOLE_BODY, region


@pytest.mark.parametrize(
    ("text", "study", "body", "shown"),
    [
        ("LUNG HR 1.25 MM", "CT CHEST WO IV CONT", "", "chest"),
        ("Recon 3: C-A-P", "CT THORAX W/CONTRAST", "CHEST", "trunk"),
        ("TAP STD AXIAL 3X3", "THORAX/ABDOMEN/PELVIS + CONT", "", "trunk"),
        ("2.5mm C/A/P; 1.25mm Neck", "CT CHEST WITH CONTRAST", "", "trunk"),
        ("LUNG AX 2.5", "CT CHEST ABDOMEN PELVIS W CONTRAST", "", "chest"),
        ("CH AX 2", "CT CHEST W CONTRAST", "CHEST", "chest"),
        ("AX ST", "OSI CT CHEST ABDOMEN PELVIS", "CHEST", "trunk"),
        ("Body 3.0 CE", "CT ABD AND PELVIS WO IV CONT", "CHESTABDPELVIS", "trunk"),
        ("Body 3.0 CE", "CT ABD AND PELVIS WITH IV CONT", "ABDOMEN", "other"),
        ("STONE STUDY 2.5", "CT ABD AND PELVIS WO IV CONT", "", "other"),
        ("BRAIN", "OSI CT BRAIN", "HEAD", "other"),
        ("2 MM T SPINE AXIAL", "CODE_T_CT_THOR_LMBR_SPINAL_REFORMATS", "", "other"),
        ("CTA STROKE  TIMING + 7", "CT ANGIOGRAM CHEST", "", "other"),
        ("AbdRoutine  5.0  B31f", "", "CHEST", "trunk"),
        ("", "", "CHEST", "chest"),
        ("", "", "", "unknown"),
    ],
)
def test_the_part_of_the_body_is_read_from_the_series_then_the_study(text, study, body, shown):
    assert region(text, study, body) == shown


@pytest.mark.parametrize(
    "text",
    ["SCOUT AP/LAT", "Topogram  0.6  T20f", "1 25 MM SAGITAL", "CORONAL PE MIP", "CH COR  F_0.6",
     "Thorax  2.0  SPO  cor", "CAP W  5.0  MPR", "RFMT", "REF", "FUSED AXIALS< >", "mips",
     "Body 3.000 CE", "Processed Images", "coronals 38%", "LOC  0.6  T20f", "Monitoring"],
)  # fmt: skip
def test_what_the_scanner_did_not_make_as_slices_is_known(text):
    assert DERIVED.search(text)


@pytest.mark.parametrize(
    "text",
    ["LUNG+ NI 23 A40%", "CT140006:RespCT  3.0  B30f  50% Ex", "Recon 2: ACRIN LARGE", "CTA 1.0 CE",
     "PE Smart Prep Left Atrium", "ThoraxRoutine  8.0.0  B40f", "HELICAL INSPIRATION", "HI RES",
     "Ave-IP(10) 0%_10%_20%_30%_40%_50%_60%_70%_80%_90%", "THIN LUNG WINDOW", "5 MM STANDARD"],
)  # fmt: skip
def test_axial_slices_are_not_taken_for_reformats(text):
    assert not DERIVED.search(text)


@pytest.mark.parametrize(
    "text", ["CTAC", "PETCT SUBSEQUENT TREAT", "AC CT WB", "CT Atten Cor Head In 3.75thk"]
)
def test_the_ct_of_a_pet_is_known(text):
    assert WHOLE_BODY.search(text)


@pytest.mark.parametrize(
    ("text", "partial"),
    [
        ("CT:P1B2 RespCT  3.0  B19f  50% Ex", True),
        ("Ave-IP(10) 0%_10%_20%_30%_40%_50%_60%_70%_80%_90%", True),
        ("Gated Chest  1.0  B25f  BestDiast 70 %", True),
        ("DE Perfusion DATA  B_Sn140kV", True),
        ("LUNG+ NI 23 A40%", False),  # A40%: the share of iterative reconstruction
        ("Thorax  1.0  B45f", False),
    ],
)
def test_one_phase_or_energy_is_known(text, partial):
    assert bool(PARTIAL.search(text)) is partial
