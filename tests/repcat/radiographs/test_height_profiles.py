"""Whether films show the same heights."""

from dataclasses import replace

import pytest
import torch

from repcat import Geometry, View, preset
from repcat.radiographs.height_profiles import height_profile, marked, match_heights
from repcat.radiographs.radiograph import Film

VIEWS = (View(0.0), View(90.0))


def balls(scene: Geometry, down_mm=0.0, scale=1.0):
    """Return attenuation (D, H, W) of Gaussian balls at several heights, off the axis."""
    mu = torch.zeros(scene.voxels, dtype=torch.float64)
    for x, y, z, size in (
        (50, 20, 90, 25),
        (-60, -30, 20, 35),
        (10, 50, -50, 20),
        (0, 0, -100, 30),
    ):
        at = torch.tensor((x, y, z * scale - down_mm), dtype=torch.float64)
        off = (scene.voxel_centres() - at).square().sum(-1)
        mu += 0.02 * torch.exp(-off / (2 * size**2))
    return mu.float()


def seen(parts, scene, *patients):
    """Return a frontal film of the first patient and a lateral of the last."""
    project = parts.projectors.get("march").factory(step_mm=4.0)
    return [
        project(patient, scene, (view,))[0]
        for patient, view in zip((patients[0], patients[-1]), VIEWS, strict=True)
    ]


@pytest.fixture
def parallel():
    return preset("parallel", size=48, cube_mm=384.0)


def test_row_sums_of_two_views_are_the_same_with_parallel_rays(parts, parallel):
    one, other = map(height_profile, seen(parts, parallel, balls(parallel)))
    assert torch.allclose(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("down", [-40.0, -9.0, 0.0, 23.0, 60.0])
@pytest.mark.parametrize("name", ["parallel", "film", "default"])
def test_a_patient_lower_by_so_many_mm_is_found_so_within_a_voxel(parts, name, down):
    scene = preset(name, size=48, cube_mm=384.0)
    fit = match_heights(*seen(parts, scene, balls(scene), balls(scene, down)), scene)
    assert fit.shift_mm == pytest.approx(down, abs=8.0)
    if name == "parallel":
        assert fit.shift_mm == pytest.approx(down, abs=2.0)
        assert fit.scale == pytest.approx(1, abs=0.011) and fit.correlation > 0.999


@pytest.mark.parametrize("scale", [0.95, 1.06])
def test_a_patient_stretched_in_height_is_found_so(parts, parallel, scale):
    films = seen(parts, parallel, balls(parallel), balls(parallel, scale=scale))
    fit = match_heights(*films, parallel)
    assert fit.scale == pytest.approx(scale, abs=0.011) and abs(fit.shift_mm) < 4


def test_grey_scale_and_offset_do_not_matter(parts, parallel):
    one, other = seen(parts, parallel, balls(parallel), balls(parallel, 23.0))
    plain, bright = (match_heights(one, x, parallel) for x in (other, 3 * other + 1))
    assert plain.shift_mm == bright.shift_mm
    assert plain.correlation == pytest.approx(bright.correlation, abs=1e-6)


def warned(films, images, scene, views=VIEWS):
    return [[c.code for c in film.cautions] for film in marked(films, images, views, scene)]


def test_films_of_one_breath_are_let_be_and_of_two_are_not(parts, parallel):
    films = [Film(torch.zeros(1, 1), name=name) for name in ("a.png", "b.png")]
    same = seen(parts, parallel, balls(parallel))
    moved = seen(parts, parallel, balls(parallel), balls(parallel, 40.0))
    assert warned(films, same, parallel) == [[], []]
    assert warned(films, moved, parallel) == [[], ["heights"]]
    (caution,) = marked(films, moved, VIEWS, parallel)[1].cautions
    assert "heights of a.png and b.png differ by 40 mm: not one breath" in caution.text
    tilted = (VIEWS[0], replace(VIEWS[1], tilt=10.0))
    assert warned(films, moved, parallel, tilted) == [[], []]


def test_line_integrals_of_two_patients_are_told_where_films_of_them_are_not(parts, parallel):
    """Films differ for many reasons, line integrals for few."""
    one, _ = seen(parts, parallel, balls(parallel))
    chance = torch.Generator().manual_seed(0)
    other = one + 0.35 * one.std() * torch.randn(48, 1, generator=chance)
    fit = match_heights(one, other, parallel).correlation
    assert 0.6 < fit < 0.9
    film = Film(torch.zeros(1, 1), name="x")
    exact = replace(film, grey="integrals")
    assert warned([film, film], [one, other], parallel) == [[], []]
    assert warned([exact, exact], [one, other], parallel) == [[], ["patients"]]


def test_images_of_nothing_are_no_number_that_is_not():
    blank = torch.zeros(16, 16)
    fit = match_heights(blank, blank, preset("film", size=16, cube_mm=320.0))
    assert fit.correlation == 0
