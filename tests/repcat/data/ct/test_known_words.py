"""Kernels and modalities are shown where the field has them, else not."""

import pytest

from repcat.data.ct.known_words import kernel_name, modality_name

# Kernels of the scans beside this project and of the vendors' own lists.
KERNELS = [
    "B",
    "C",
    "B40f",
    "B70f",
    "Br38f 3",
    "I70f 2",
    "Hc40",
    "STANDARD",
    "SOFT",
    "LUNG",
    "BONE",
]
KERNELS += ["BONEPLUS", "YA", "L", "FC01", "FC86", "B_SOFT_B", "Standard"]


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_kernel_that_a_vendor_has_is_shown(kernel: str) -> None:
    assert kernel_name(kernel) == kernel


@pytest.mark.parametrize(
    "text", ["Jane", "B40f Jane", "B4012f", "M", "19610203", "LUNG\n", "Br38f 38"]
)
def test_other_text_is_not(text: str) -> None:
    assert kernel_name(text) == modality_name(text) == "other"


def test_silence_stays_silent_and_modalities_of_the_standard_are_named() -> None:
    assert kernel_name("") == modality_name("") == ""
    assert modality_name("MR") == "MR"
