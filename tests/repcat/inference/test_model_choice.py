"""Which installed model takes which X-rays, and which of those is taken."""

from pathlib import Path

import pytest
import torch

from repcat.errors import DataError, RunError
from repcat.geometry import preset
from repcat.inference.installed import EmptySource, Installed
from repcat.inference.model_choice import Described, Shelf, choose_model, score_words
from repcat.inference.model_record import ModelRecord, StatedScores
from repcat.radiographs.radiograph import Film
from repcat.radiographs.view_matching import Placed
from repcat.view import View


def scores(psnr, split="test", **more):
    means = {"model": {"body_psnr": psnr}, "mean volume": {"body_psnr": 15.0}}
    about = {"dataset": "phantoms", "fingerprint": "1", "protocol": "standard"}
    how = {"patients": 40, "views": ["0", "90"], "interval": [psnr - 0.5, psnr + 0.25]}
    return StatedScores(split=split, **{"means": means, **about, **how, **more})


@pytest.fixture
def described(recipe_of):
    """A maker of models by name: the views they were trained on, drawn so, and what they state."""

    def make(name, views=(0, 90), drawn=None, stated=()):
        data = {"views": list(views), "size": 16}
        any_views = drawn is not None
        mapper = {"use": "view_pool" if any_views else "repeat_concat"}
        recipe = recipe_of(
            data={**data, **({"views_drawn": drawn} if drawn else {})}, mapper=mapper
        )
        record = ModelRecord.of(stated, "phantoms", "", half=False)
        geometry = preset("parallel", size=16, cube_mm=320.0)
        return Described(Installed(name, Path(name)), record, recipe, geometry, any_views)

    return make


def placed(*degrees):
    return [Placed(Film(torch.zeros(4, 4)), View(d), "view") for d in degrees]


def test_a_model_of_certain_views_takes_those_and_the_ones_from_the_other_side(described):
    two = described("two")
    assert two.takes == "0, 90 degrees"
    assert not two.misfit(placed(90, 0)) and not two.misfit(placed(180, 270))
    for others in ((0,), (0, 45), (0, 90, 45)):
        assert two.misfit(placed(*others)) == "reads 0, 90 degrees"


def test_a_model_of_any_views_takes_as_many_as_it_was_trained_with(described):
    some = described("some", (0, 45, 90, 135), [2, 3])
    assert some.takes == "2 to 3 views at any angle"
    assert not some.misfit(placed(3, 77)) and not some.misfit(placed(1, 2, 3))
    for count in (1, 4):
        assert some.misfit(placed(*range(count))) == "takes 2 to 3 views at any angle"


def test_the_best_by_stated_body_psnr_of_test_patients_is_taken(described):
    low, high = described("low", stated=[scores(18.0)]), described("high", stated=[scores(21.0)])
    vain = described("vain", stated=[scores(40.0, "train"), scores(17.0)])
    shy, frontal = described("shy"), described("frontal", (0,), stated=[scores(50.0)])
    shelf = Shelf([frontal, high, low, shy, vain], [], [])
    folder, why = choose_model(placed(0, 90), shelf)
    assert folder == Path("high")
    assert why == (
        "model high (0, 90 degrees; body PSNR 21.00 dB from 2 views on phantoms); not taken: "
        "low body PSNR 18.00 dB from 2 views on phantoms; shy states no score; "
        "vain body PSNR 17.00 dB from 2 views on phantoms; frontal reads 0 degrees"
    )
    assert choose_model(placed(0), shelf)[0] == Path("frontal")
    assert choose_model(placed(0, 90), Shelf([shy], [], [])) == (
        Path("shy"),
        "model shy (0, 90 degrees; states no score)",
    )


def test_figures_from_as_many_views_go_before_higher_ones_from_others(described):
    some = described("some", (0, 45, 90), [1, 3], [scores(21.0)])
    one = described("one", (0,), stated=[scores(16.0, views=["0"])])
    shelf = Shelf([some, one], [], [])
    assert choose_model(placed(0), shelf)[0] == Path("one")
    assert choose_model(placed(20), shelf)[0] == Path("some")


def test_what_cannot_be_used_is_told_and_not_taken(described):
    broken = Installed("broken", Path("broken"), "wheel 1", "a bit is flipped")
    _, why = choose_model(placed(0, 90), Shelf([described("two")], [broken], []))
    assert why.endswith("; not taken: broken of wheel 1 cannot be used: a bit is flipped")
    with pytest.raises(RunError, match="code: no-model-installed") as error:
        choose_model(placed(0), Shelf([], [broken], [EmptySource("other 2", "it is empty")]))
    assert "a bit is flipped; other 2: it is empty" in str(error.value)


def test_x_rays_that_no_model_takes_are_told_with_what_each_takes(described):
    shelf = Shelf([described("two"), described("some", (0, 45, 90), [1, 2])], [], [])
    with pytest.raises(RunError, match="code: no-model-fits") as error:
        choose_model(placed(0, 37, 90), shelf)
    assert "3 X-rays at 0, 37, 90 degrees: two reads 0, 90 degrees; some takes 1 to 2" in str(
        error.value
    )
    with pytest.raises(DataError, match="code: two-films-one-angle"):
        choose_model(placed(0, 0), shelf)


def test_figures_are_said_with_their_interval_and_the_mean_volume():
    assert score_words(scores(20.0)) == (
        "body PSNR 20.00 dB [19.50, 20.25], mean volume 15.00; 40 test patients of phantoms, "
        "2 views, protocol standard"
    )


def test_a_record_comes_back_as_written_and_strange_ones_are_refused(tmp_path):
    record = ModelRecord.of([scores(20.0)], "phantoms", "CC0", half=True)
    record.write(tmp_path)
    assert ModelRecord.read(tmp_path) == record and record.stated == [scores(20.0)]
    file = tmp_path / "model.json"
    for text in ("{}", "[]", '{"data": 1}', '{"scores": [1]}', '{"scores": [{}]}', "\0"):
        file.write_text(text)
        if text == "{}":
            assert ModelRecord.read(tmp_path) == ModelRecord()
            continue
        with pytest.raises(DataError, match="code: file-damaged"):
            ModelRecord.read(tmp_path)
    for key, value in (("means", []), ("views", [1]), ("patients", "4"), ("is_range", "")):
        ModelRecord.of([scores(20.0, **{key: value})], "", "", half=False).write(tmp_path)
        with pytest.raises(DataError, match="code: file-damaged"):
            ModelRecord.read(tmp_path)
