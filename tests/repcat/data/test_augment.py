"""Contrast, rotation, mirroring of X-rays and their volume."""

import pytest
import torch

from repcat import View
from repcat.config.schema import AugmentTable
from repcat.data.augment import Augment, contrast, mirror, rotate
from repcat.errors import RecipeError
from repcat.rng import generator


def test_contrast_is_the_released_codes(golden):
    z = golden("data_transforms")
    for views, u, out in zip(z["views"], z["contrast_u"], z["contrast_out"], strict=True):
        ours = contrast(torch.from_numpy(views), float(u.item()) + 0.5)
        assert torch.allclose(ours, torch.from_numpy(out).to(ours), atol=1e-6)


def test_turning_by_90_degrees_is_a_quarter_turn():
    image = torch.rand(1, 9, 9, generator=generator("turn"))
    turned = rotate(image, 90.0)
    assert any(torch.allclose(turned, torch.rot90(image, k, (1, 2)), atol=1e-5) for k in (1, 3))


def test_the_mirrored_patient_is_seen_from_the_opposite_azimuth():
    views = tuple(View(a) for a in (0.0, 45.0, 315.0, 180.0))
    assert mirror(views) == [(0, True), (2, True), (1, True), (3, True)]


def test_a_lone_lateral_stands_for_itself_and_a_lone_oblique_is_refused():
    assert mirror((View(0), View(90)))[1] == (1, False)
    for odd in (View(30), View(90, tilt=10)):
        with pytest.raises(RecipeError, match=r"(330|270) degrees"):
            mirror((View(0), odd))


def test_a_paired_flip_mirrors_the_volume_and_an_unpaired_one_does_not():
    xrays, volume = torch.arange(8.0).view(2, 2, 2), torch.arange(8.0).view(2, 2, 2)
    views = (View(0), View(90))
    both = Augment(AugmentTable(flip_p=1.0), views)(xrays, volume, generator(0))
    assert torch.equal(both[1], volume.flip(-1))
    assert torch.equal(both[0], torch.stack((xrays[0].flip(-1), xrays[1])))
    alone = Augment(AugmentTable(flip_p=1.0, paired=False), views)(xrays, volume, generator(0))
    assert torch.equal(alone[1], volume) and torch.equal(alone[0], xrays.flip(-1))


def test_a_paired_flip_agrees_with_projecting_the_mirrored_patient():
    from repcat import preset
    from repcat.registry.plugins import load_parts

    geometry = preset("default", size=16, cube_mm=320.0)
    views = tuple(View(a, tilt=t) for a, t in ((0.0, 0), (60.0, 20), (300.0, 20), (0.0, -30)))
    mu = torch.rand(16, 16, 16, generator=generator("mirror")) * 0.02
    project = load_parts().projectors.get("march").factory()
    flipped = Augment(AugmentTable(flip_p=1.0), views)(
        project(mu, geometry, views), mu, generator(0)
    )
    assert torch.allclose(flipped[0], project(mu.flip(-1), geometry, views), atol=1e-4)


def test_off_is_off():
    xrays, volume = torch.rand(2, 4, 4), torch.rand(4, 4, 4)
    out = Augment(AugmentTable(), (View(0), View(90)))(xrays, volume, generator(0))
    assert out[0] is xrays and out[1] is volume
