from __future__ import annotations

from pathlib import Path

import pytest
import torch

from repcat.data.ct.reader import read_file
from repcat.data.prepare.body import find_body, remove_table
from repcat.data.prepare.resample import Lattice

MM = (4.0, 4.0, 4.0)


def chest(table: bool = False) -> torch.Tensor:
    z, y, x = torch.meshgrid(*[(torch.arange(60) - 29.5) * 4] * 3, indexing="ij")
    hu = torch.full((60, 60, 60), -1000.0)
    hu[(x / 100) ** 2 + (y / 70) ** 2 < 1] = 30
    for side in (-1, 1):
        hu[((x - side * 45) / 35) ** 2 + (y / 45) ** 2 + (z / 100) ** 2 < 1] = -850
    if table:
        hu[:, 48:50, 8:52] = 200  # 8 mm of shell, just behind the back
    return hu


def test_lungs_belong_to_the_body_and_are_its_air() -> None:
    hu = chest()
    body = find_body(hu, MM)
    truth = hu > -990
    assert (body.mask & truth).sum() > 0.99 * truth.sum()
    assert body.air == pytest.approx(float((hu == -850).sum() / truth.sum()), abs=0.01)


def test_the_table_is_no_body_and_can_be_removed() -> None:
    hu = chest(table=True)
    body = find_body(hu, MM)
    assert body.box_mm[1][1] <= 76
    cleared = remove_table(hu, body, Lattice((60, 60, 60), 4.0))
    assert (cleared[:, 50:] == -1000).all()
    assert torch.equal(cleared[:, :46], chest()[:, :46])


def test_lung_that_the_edge_cuts_open_is_still_lung() -> None:
    crop = chest()[10:50, 18:42, 10:50]
    assert find_body(crop, MM).air > 0.2
    assert find_body(crop, MM).cut > 0.25


def test_a_scan_of_air_has_an_empty_body() -> None:
    body = find_body(torch.full((10, 10, 10), -1000.0), MM)
    assert not body.mask.any()
    assert body.air == 0
    assert body.box_mm[0] == (-20, 20)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("lidc_0001", 0.15, 0.25),
        ("ricord1a_000082", 0.13, 0.22),
        ("lungfcp_0001_upper", 0.15, 0.25),
        ("totalseg_heart_crop", 0.25, 0.45),
        ("totalseg_abdomen_3mm", 0.0, 0.03),
    ],
)
def test_air_tells_chests_from_an_abdomen(real: Path, name: str, low: float, high: float) -> None:
    scan = read_file(real / "volumes" / f"{name}.nii.gz")
    assert low < find_body(scan.hu, scan.spacing_mm).air < high
