"""`auto` measures once, where it pays, and takes what it chose at once."""

import json
from dataclasses import replace

import pytest
from torch import nn

from repcat.inference.engine import choice as choices
from repcat.inference.engine.choice import Choice
from repcat.inference.engine.kinds import KINDS
from repcat.inference.engine.store import Store
from repcat.inference.engine.use import find_engine
from repcat.models.network import Network

MANY = 1_000_000


@pytest.fixture
def measured(monkeypatch):
    """Set what a measurement finds: engines that are not named take ten seconds."""

    def found(**seconds):
        def fake(functions, model):
            return {name: seconds.get(name, 10.0) for name in functions}

        monkeypatch.setattr(choices, "seconds_of", fake)

    return found


def test_for_a_few_patients_nothing_is_made_and_it_says_from_how_many_it_pays(unmade):
    engine, (told,) = find_engine("auto", unmade, 1)
    assert engine is None and not unmade.home.exists()
    assert told.startswith("engine auto: eager; making and measuring others takes about ")
    assert " patients, and here is 1" in told


def test_what_was_measured_on_this_machine_is_chosen_and_kept(model, no_export):
    engine, (told,) = find_engine("auto", model, MANY)
    kept = json.loads(Store(model).choice.read_text())
    assert set(kept["seconds"]) >= {"eager", "onnxruntime", "openvino"}
    assert (engine.name if engine else "eager") == kept["chosen"]
    assert told.startswith(f"engine auto: {kept['chosen']}, ")


def test_the_fastest_is_chosen_and_taken_at_once_for_a_single_patient(model, measured, monkeypatch):
    measured(eager=1.0, openvino=0.25, onnxruntime=0.5)
    engine, (told,) = find_engine("auto", model, MANY)
    assert engine.name == "openvino" and "0.25 s a patient where eager takes 1; " in told
    monkeypatch.setattr(choices, "seconds_of", pytest.fail)
    monkeypatch.setattr(choices, "seconds", pytest.fail)
    assert find_engine("auto", model, 1)[0].name == "openvino"


def test_eager_stays_where_nothing_is_faster_by_a_tenth(model, measured):
    measured(eager=1.0, openvino=0.95)
    assert find_engine("auto", model, MANY)[0] is None
    assert find_engine("auto", model, MANY)[0] is None  # from what was kept


@pytest.mark.parametrize(
    "change",
    [{"machine": "another"}, {"tried": ["openvino 1"]}, {"chosen": "abacus"}, {"seconds": {}}],
)
def test_a_choice_of_another_machine_or_version_or_a_damaged_one_is_made_anew(
    model, measured, change
):
    measured(eager=1.0, openvino=0.25)
    find_engine("auto", model, MANY)
    file = Store(model).choice
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    measured(eager=1.0, onnxruntime=0.25)
    assert find_engine("auto", model, MANY)[0].name == "onnxruntime"


def test_a_chosen_engine_that_is_damaged_is_not_made_for_one_patient(model, measured):
    measured(eager=1.0, openvino=0.25)
    find_engine("auto", model, MANY)
    (Store(model).place(KINDS["openvino"]) / "SHA256SUMS").unlink()
    assert find_engine("auto", model, 1)[0] is None


class Doubting(nn.Module):
    """A backbone that no graph can hold."""

    def forward(self, read):
        return read[:, :1] * (2 if float(read.sum()) > 0 else 1)


def test_a_backbone_that_cannot_be_exported_is_left_to_eager_and_the_reason_is_said(unmade):
    model = replace(unmade, network=Network(unmade.network.mapper, Doubting()))
    engine, (told,) = find_engine("auto", model, MANY)
    assert engine is None and "the backbone cannot be exported (" in told
    assert Choice.read(Store(model).choice, choices._machine(model), choices.candidates("cpu"))


def test_without_any_engine_installed_it_says_what_to_install(unmade, monkeypatch):
    monkeypatch.setattr(choices, "candidates", lambda device: [])
    assert find_engine("auto", unmade, MANY) == (
        None,
        ("engine auto: eager; no other is installed here (pip install 'repcat[openvino]')",),
    )
