from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.mappers.axis_layout import Placement, X, Y
from repcat_plugins.mappers.noise_concat import NoiseConcat, behind
from repcat_plugins.mappers.repeat_concat import RepeatConcat


def test_noise_behind_a_view_is_what_the_released_code_stacks(golden) -> None:
    arrays = {k: torch.tensor(v) for k, v in golden("views16").items()}
    noise = arrays["noise"][arrays["noise_idx"]]
    placement = Placement(rows=Y, columns=X)
    volume = behind(arrays["views8"][:, 0], noise, placement, (16, 16, 16))
    assert volume.equal(arrays["official_noise_1"][:, 0])


def test_the_released_order_has_the_view_in_the_first_slice_and_one_noise_image(
    task_of, batch_of
) -> None:
    task = task_of([0.0])
    batch = batch_of(task)
    mapper = NoiseConcat(task, where="depth", align="released")
    volume = mapper(batch)[:, 0]
    assert volume[:, 0].equal(batch.xrays[:, 0])
    assert volume[:, 1:].equal(mapper.draw(batch.ids)[:, None].expand(-1, 15, -1, -1))


def test_in_depth_each_view_is_the_first_slice_along_its_own_rays(task_of, batch_of) -> None:
    task = task_of([0.0, 90.0])
    batch = batch_of(task)
    mapper = NoiseConcat(task, where="depth")
    frontal, lateral = mapper(batch).unbind(dim=1)
    laid_frontal, laid_lateral = RepeatConcat(task)(batch).unbind(dim=1)
    assert mapper.out == Grid(2, (16, 16, 16))
    assert frontal[:, :, 0].equal(laid_frontal[:, :, 0])
    assert lateral[..., 0].equal(laid_lateral[..., 0])
    assert frontal[:, :, 1].equal(frontal[:, :, 15]) and not frontal[:, :, 1].equal(
        frontal[:, :, 0]
    )


def test_as_a_channel_noise_comes_after_the_repeated_views(task_of, batch_of) -> None:
    task = task_of([0.0, 45.0, 90.0])
    batch = batch_of(task)
    mapper = NoiseConcat(task)
    volume = mapper(batch)
    assert mapper.out == Grid(4, (16, 16, 16))
    assert volume[:, :3].equal(RepeatConcat(task)(batch))
    noise = volume[:, 3]
    assert abs(noise.mean()) < 0.05 and abs(noise.std() - 1) < 0.05  # 8192 draws of N(0, 1)


def test_a_fixed_z_is_a_patients_own_whatever_came_before(task_of) -> None:
    task = task_of()
    mapper, other = NoiseConcat(task), NoiseConcat(task)
    first = mapper.draw(("a", "b"))
    torch.rand(3)
    assert other.eval().draw(("c", "b"))[1].equal(first[1])
    assert not first[0].equal(first[1])
    assert not NoiseConcat(task_of(seed=1)).draw(("a",))[0].equal(first[0])


def test_drawing_a_fixed_z_leaves_the_global_generator_alone(task_of) -> None:
    before = torch.get_rng_state()
    NoiseConcat(task_of()).draw(("a",))
    assert torch.get_rng_state().equal(before)


def test_a_fresh_z_in_training_follows_the_global_generator(task_of) -> None:
    mapper = NoiseConcat(task_of(), fresh=True)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        first, second = mapper.draw(("a", "b")), mapper.draw(("a", "b"))
        torch.manual_seed(7)
        again = mapper.draw(("a", "b"))
    assert first.equal(again) and not first.equal(second) and not first[0].equal(first[1])


def test_a_fresh_z_in_evaluation_differs_by_look_and_repeats_by_evaluation(task_of) -> None:
    mapper = NoiseConcat(task_of(), fresh=True).eval()
    first, second = mapper.draw(("a",)), mapper.draw(("a",))
    torch.rand(3)
    mapper.eval().draw(("b",))
    assert mapper.draw(("a",)).equal(first) and mapper.draw(("a",)).equal(second)
    assert not first.equal(second)


def test_images_of_another_size_are_refused(task_of) -> None:
    with pytest.raises(PartError, match="mapper 'noise_concat' needs images of 16 x 16"):
        NoiseConcat(task_of(pixels=20))
