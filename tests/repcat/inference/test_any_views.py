"""One checkpoint for any number of X-rays at any angle, through repcat.load and a case."""

from __future__ import annotations

import json

import pytest
import torch

import repcat
from repcat.data.intensity import to_unit
from repcat.registry.plugins import load_parts
from repcat.training.begin import start
from repcat.training.fit import fit

RECIPE = """
data = {use = "phantoms", size = 24, train = 24, validation = 1, test = 1, views = [0, 90, 180], \
views_drawn = [1, 2]}
mapper = {use = "view_pool", features = 2}
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
optim.lr = 1e-2
train = {steps = 4, batch_size = 2, save_every = 4}
"""
# Read by their names: AP is stored mirrored; two lie beside a trained view, one far from all.
GIVEN = ("ap", 97.0, 45.0)


@pytest.fixture(scope="session")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> repcat.Reconstructor:
    folder = tmp_path_factory.mktemp("any")
    (folder / "any.toml").write_text(RECIPE)
    fit(*start(folder / "any.toml", folder / "run", [], "cpu", load_parts()))
    return repcat.load(folder / "run", device="cpu")


@pytest.fixture(scope="session")
def integrals() -> torch.Tensor:
    """Line integrals (3, 24, 24) of a held-out phantom in the views GIVEN."""
    parts = load_parts()
    views = tuple(repcat.View.parse(v) for v in GIVEN)
    request = repcat.Request(24, views, parts.projectors.get("nanodrr").factory())
    return parts.datasets.get("phantoms").factory(request).load("phantom-200000").integrals


def codes(case: repcat.Case) -> list[str]:
    return [c.code for c in case.cautions]


@pytest.mark.parametrize("which", [[0], [1], [1, 0], [0, 1, 2]])
def test_films_are_read_as_they_are_given_in_any_number(pooled, integrals, which):
    images = [integrals[k].numpy() for k in which]
    case = pooled.reconstruct(images, [GIVEN[k] for k in which])
    assert case.views == tuple(repcat.View.parse(GIVEN[k]) for k in which)
    assert torch.allclose(case.given, to_unit(integrals[which]), atol=1e-6)
    assert torch.isfinite(case.volume).all() and case.volume.shape == (24, 24, 24)
    assert [row["azimuth"] for row in case.agreement] == [v.azimuth for v in case.views]


def test_the_order_of_films_does_not_matter(pooled, integrals):
    one = pooled.reconstruct(list(integrals.numpy()), GIVEN)
    other = pooled.reconstruct(list(integrals.flip(0).numpy()), GIVEN[::-1])
    assert (one.volume - other.volume).abs().max() < 0.1  # HU


def test_a_case_projects_its_volume_in_the_views_given(pooled, integrals):
    case = pooled.reconstruct([integrals[2].numpy()], [45])
    mu = pooled.reference.attenuate(case.volume)
    cast = pooled.projector(mu, pooled.reference.geometry, (repcat.View(45),))
    assert torch.equal(case.reprojected, to_unit(cast))


def test_what_no_training_xray_is_near_to_is_said_once_and_not_judged(pooled, integrals):
    far = pooled.reconstruct([torch.rand(24, 24).numpy()], [45])
    assert codes(far) == ["few", "unjudged"]  # trained on few, too
    assert far.cautions[1].measure == 45 and far.cautions[1].limit == 15
    near = pooled.reconstruct([integrals[1].numpy()], [97])
    assert "unjudged" not in codes(near)


def test_a_film_beside_a_trained_view_and_its_mirror_image_are_judged(pooled, integrals):
    upside_down = [image.rot90(2).numpy() for image in integrals[:2]]
    case = pooled.reconstruct(upside_down, GIVEN[:2])
    assert codes(case).count("orientation") == 2
    turned = pooled.reconstruct(upside_down, GIVEN[:2], repcat.Handling(turn="auto"))
    assert torch.allclose(turned.given, to_unit(integrals[:2]), atol=1e-6)


def test_more_films_than_were_drawn_in_training_are_warned_about(pooled, integrals):
    assert "count" not in codes(pooled.reconstruct(list(integrals[:2].numpy()), GIVEN[:2]))
    (caution,) = [
        c for c in pooled.reconstruct(list(integrals.numpy()), GIVEN).cautions if c.code == "count"
    ]
    assert caution.text.startswith("the model was trained with 1 to 2 X-rays at a time")
    assert (caution.measure, caution.limit) == (3, 2)


def test_a_film_without_an_angle_is_told_what_to_write(pooled, integrals):
    with pytest.raises(repcat.DataError, match="code: view-not-named"):
        pooled.reconstruct([integrals[0].numpy()])


def test_case_json_holds_the_views_as_given(pooled, integrals, tmp_path):
    case = pooled.reconstruct(list(integrals.numpy()), GIVEN)
    record = json.loads((case.write(tmp_path / "case") / "case.json").read_text())
    assert [(v["azimuth"], v["mirrored"]) for v in record["views"]] == [
        (180, True), (97, False), (45, False),
    ]  # fmt: skip
    assert [row["azimuth"] for row in record["reprojection"]] == [180, 97, 45]
    assert "azimuth 45" in (tmp_path / "case/report.html").read_text()


def test_the_stages_one_by_one_give_what_reconstruct_gives(pooled, integrals):
    placed = pooled.place(list(integrals.numpy()), GIVEN)
    views = pooled.read_as(placed)
    given, films = pooled.develop(placed, repcat.Handling())
    volume = pooled.volume(given, views)
    case = pooled.judge(volume, given, films, tuple(p.said for p in placed), views)
    whole = pooled.reconstruct(list(integrals.numpy()), GIVEN)
    assert torch.equal(case.volume, whole.volume) and case.cautions == whole.cautions
