"""Hounsfield units to linear attenuation, by plastimatch's map and by the unit's definition."""

import pytest
import torch

from repcat.hounsfield import attenuation


def test_attenuation_is_plastimatchs_map():
    # plastimatch -P preprocess: 0 for HU <= -800, else .022 (1 + HU / 1000) per mm
    hu = torch.tensor([-1000.0, -800.0, -799.0, 0.0, 1000.0])
    assert attenuation(hu).tolist() == pytest.approx([0, 0, 0.022 * 0.201, 0.022, 0.044])


def test_water_and_air_are_where_hounsfield_put_them():
    """HU = 1000 (mu - mu_water) / mu_water: water is 0, and air, of no attenuation, -1000."""
    mu = torch.tensor([0.0, 0.0103, 0.0206, 0.0412])
    hu = 1000 * (mu - 0.0206) / 0.0206
    assert attenuation(hu, mu_water=0.0206, air_hu=-1000.0).tolist() == pytest.approx(mu.tolist())


def test_nothing_attenuates_less_than_air():
    assert attenuation(torch.tensor([-3024.0, -1001.0]), air_hu=-4000.0).tolist() == [0, 0]


def test_whole_numbers_become_float32():
    found = attenuation(torch.tensor([-1000, 0, 3000], dtype=torch.int16))
    assert found.dtype == torch.float32 and found.tolist() == pytest.approx([0, 0.022, 0.088])
