"""Beam hardening: a tube's spectrum and what two materials leave of it."""

import numpy as np
import pytest
import torch

from repcat.data.film.spectrum import BONE, KEV, STEP_KEV, WATER, harden, spectrum


def image(value):
    return torch.full((1, 1), float(value))


def test_shares_of_a_spectrum_sum_to_one_and_end_at_the_tubes_voltage():
    for kv in (60, 90, 120):
        share, water, bone = spectrum(kv)
        assert share.sum().item() == pytest.approx(1, abs=1e-6)
        assert len(share) == len(water) == len(bone) == (kv - KEV[0]) / STEP_KEV


def test_absorption_at_tabulated_energies_is_the_tables_over_that_at_60_kev():
    _, water, bone = spectrum(120)
    at = {kev: int((kev - KEV[0]) / STEP_KEV) for kev in (40.0, 60.0, 100.0)}
    for kev, place in at.items():
        for found, table in ((water, WATER), (bone, BONE)):
            want = table[KEV.index(kev)] / table[KEV.index(60.0)]
            assert found[place].item() == pytest.approx(want, rel=1e-5)


def test_hardened_integrals_are_minus_the_log_of_the_mean_transmission():
    share, water, bone = (one.double().numpy() for one in spectrum(80))
    want = -np.log((share * np.exp(-3.0 * water - 1.5 * bone)).sum())
    assert harden(image(4.5), image(1.5), 80).item() == pytest.approx(want, rel=1e-5)


def test_nothing_in_the_beam_stays_nothing():
    assert harden(image(0), image(0), 100).item() == pytest.approx(0, abs=1e-6)


def test_the_thicker_the_patient_the_less_a_mm_absorbs():
    paths = torch.linspace(0.5, 9, 10)[None]
    each = harden(paths, torch.zeros_like(paths), 100) / paths
    assert (each.diff() < 0).all()


def test_a_harder_tube_shows_bone_less():
    seen = [harden(image(2), image(2), kv) / harden(image(2), image(0), kv) for kv in (60, 90, 120)]
    assert seen[0] > seen[1] > seen[2] > 0.9
