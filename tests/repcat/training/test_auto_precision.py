"""train.precision = 'auto': measured once, kept, said, and settled in the run's recipe."""

import json

import pytest

from repcat.models.build import open_patients
from repcat.training import auto_precision, begin
from repcat.training.session import Session

AUTO = {"precision": "auto"}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "repcat"


@pytest.fixture
def settle(recipe_of, parts):
    recipe = recipe_of(train=AUTO)
    patients = open_patients(recipe, parts)
    return lambda: auto_precision.settle(recipe, patients, parts, "cpu")


@pytest.fixture
def _hardware(monkeypatch):
    monkeypatch.setattr(auto_precision, "is_in_hardware", lambda device: True)


def test_without_bf16_in_hardware_it_is_fp32_and_nothing_is_measured(settle, monkeypatch, home):
    monkeypatch.setattr(auto_precision, "is_in_hardware", lambda device: False)
    recipe, why = settle()
    assert recipe.train.precision == "fp32" and "hardware" in why
    assert not home.exists()


@pytest.mark.usefixtures("_hardware")
def test_what_was_measured_is_kept_and_decides(settle, home):
    recipe, why = settle()
    (file,) = home.glob("precision-*.json")
    times = json.loads(file.read_text())
    assert recipe.train.precision in why and f"{times['fp32']:.3g} s in fp32" in why
    for fp32, bf16, chosen in ((1.0, 0.5, "bf16"), (0.5, 1.0, "fp32"), (1.0, 0.95, "fp32")):
        file.write_text(json.dumps({"fp32": fp32, "bf16": bf16}))
        assert settle()[0].train.precision == chosen


@pytest.mark.usefixtures("_hardware")
@pytest.mark.parametrize("text", ["", "[]", '{"fp32": 1.0}', '{"fp32": -1.0, "bf16": 1.0}'])
def test_a_cache_that_cannot_be_read_is_measured_anew(settle, home, text):
    settle()
    (file,) = home.glob("*.json")
    file.write_text(text)
    settle()
    assert json.loads(file.read_text())["bf16"] > 0


@pytest.mark.usefixtures("_hardware")
def test_a_home_that_cannot_be_written_stops_nothing(settle, home):
    home.parent.write_text("a file in the place of a folder")
    assert settle()[0].train.precision in ("fp32", "bf16")


def test_the_run_holds_what_it_came_to_and_goes_on_with_it(recipe_of, parts, tmp_path, monkeypatch):
    file, out = tmp_path / "r.toml", tmp_path / "run"
    file.write_text(recipe_of(train=AUTO).to_toml())
    session, run = begin.start(file, out, [], "cpu", parts)
    assert run.recipe(parts).train.precision == session.recipe.train.precision != "auto"
    assert session.recipe.train.precision in run.provenance()["precision"]
    run.save(0, session.state())
    monkeypatch.setattr(auto_precision, "settle", None)  # is not asked again
    again, _ = begin.resume(file, out, ["train.steps = 9"], "cpu", parts)
    assert again.recipe.train.precision == session.recipe.train.precision


def test_a_session_is_not_begun_before_it_is_settled(recipe_of, parts):
    recipe = recipe_of(train=AUTO)
    with pytest.raises(ValueError, match="settled before"):
        Session(recipe, open_patients(recipe, parts), parts, "cpu")
