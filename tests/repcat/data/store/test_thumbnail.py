from __future__ import annotations

import pytest
import torch

from repcat.data.ct.scan_discovery import find_scans
from repcat.data.prepare.body import find_body
from repcat.data.prepare.crop import place
from repcat.data.prepare.resample import Lattice, Triple, resample
from repcat.data.store.thumbnail import ALIKE, alike, thumbnail


def cube(hu: torch.Tensor, spacing_mm: Triple) -> torch.Tensor:
    middle = place(find_body(hu, spacing_mm), hu.shape[0] * spacing_mm[0], 400.0, "centre")
    return resample(hu, spacing_mm, Lattice((32, 32, 32), 12.5, middle))


@pytest.mark.real
def test_a_real_scan_is_known_again_and_no_other_patient_is_taken_for_it(real) -> None:
    names = ("lidc_0001", "nlst_101287", "cip_ct64_lowres", "popi_p1_phase00")
    scans = find_scans([real / f"volumes/{name}.nii.gz" for name in names])[0]
    seen: dict[str, str] = {}
    for scan in scans:
        volume = scan.read()
        hu, mm = volume.hu.float(), volume.spacing_mm
        coarse = Lattice.around(tuple(hu.shape), mm, 3.0)
        noise = torch.randn(hu.shape, generator=torch.Generator().manual_seed(0))
        shapes = {
            "itself": (hu, mm),
            "3 mm": (resample(hu, mm, coarse), (3.0,) * 3),
            "moved": (hu.roll((1, 1, 1), (0, 1, 2)), mm),
            "noisy": (hu + 50 * noise, mm),
        }
        for how, (values, spacing) in shapes.items():
            seen[f"{scan.label} {how}"] = thumbnail(cube(values, spacing))
    pairs = {(a, b) for a, b, _ in alike(seen)}
    assert len(pairs) == len(scans) * 6  # every two of the four shapes of a scan
    assert all(a.split()[0] == b.split()[0] for a, b in pairs)


def test_volumes_of_any_size_have_one() -> None:
    torch.manual_seed(0)
    small = torch.randn(4, 4, 4).mul(300).sub(300)
    for size in (8, 20, 64):
        volume = torch.nn.functional.interpolate(small[None, None], (size,) * 3)[0, 0]
        assert len(thumbnail(volume)) == 5464  # base64 of 4096 bytes


def test_what_shows_nothing_or_is_damaged_is_like_nothing() -> None:
    air = thumbnail(torch.full((16, 16, 16), -1000.0))
    assert not list(alike({"a": air, "b": air, "c": "", "d": "%%", "e": "AAAA"}))


def test_a_thousand_patients_are_compared_within_blocks() -> None:
    generator = torch.Generator().manual_seed(0)
    volumes = [torch.randn(16, 16, 16, generator=generator) * 300 - 400 for _ in range(1100)]
    volumes[1050] = volumes[3] + 20
    found = list(alike({str(k): thumbnail(v) for k, v in enumerate(volumes)}))
    assert [(a, b) for a, b, _ in found] == [("3", "1050")]
    assert found[0][2] > ALIKE
