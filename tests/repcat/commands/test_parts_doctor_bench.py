"""Commands that tell: parts, doctor, bench, help."""

import json
from dataclasses import replace

import pytest

from repcat.bench.timing import report, timing_of
from repcat.commands.bench import _print


def test_parts_lists_every_kind_with_its_origin(repcat):
    code, out, _ = repcat("parts")
    assert code == 0
    for name in ("phantoms", "repeat_concat", "swin_unetr", "sinkhorn_ot", "nanodrr"):
        assert name in out
    assert "[repcat]" in out


def test_parts_of_a_kind_show_options_with_meaning(repcat):
    _, out, _ = repcat("parts", "objectives", "sinkhorn_ot")
    assert "inner_steps = 10" in out and "int >= 1" in out


def test_parts_also_lists_a_table_of_the_recipe(repcat):
    assert "weight_decay" in repcat("parts", "optim")[1]


def test_parts_as_json_is_json(repcat):
    found = json.loads(repcat("parts", "--json")[1])
    assert {p["kind"] for p in found["parts"]} >= {"mappers", "backbones", "objectives"}


def test_an_unknown_kind_or_part_gets_the_nearest(repcat):
    assert "did you mean 'mappers'" in repcat("parts", "maper")[2]
    code, _, err = repcat("parts", "backbones", "unett")
    assert code == 2 and "did you mean 'unet'" in err


def test_doctor_finds_this_installation_well(repcat):
    code, out, _ = repcat("doctor")
    assert code == 0 and "all well" in out and "device" in out


def test_doctor_names_a_broken_plugin_and_the_cure(repcat, monkeypatch):
    from repcat.registry.plugins import load_parts
    from repcat.registry.registry import Broken

    monkeypatch.setattr(load_parts(), "broken", [Broken("repcat-ghost", "ImportError: gone")])
    code, out, _ = repcat("doctor")
    assert code == 1 and "pip uninstall repcat-ghost" in out


def test_bench_times_variants_and_names_the_machine(repcat):
    code, out, _ = repcat("bench", "project", "--size", "16", "--repeats", "2", "--json")
    found = json.loads(out)
    assert code == 0 and found["device"] and found["versions"]["torch"]
    names = [t["name"] for t in found["timings"]]
    assert names[:2] == ["nanodrr", "march"]  # then those of other distributions
    assert found["timings"][0]["ratio"] == 1 and found["timings"][1]["calls"] == 2


def test_bench_of_training_keeps_the_losses(repcat, recipe):
    out = repcat("bench", "train", "--recipe", recipe, "--repeats", "2", "--json")[1]
    found = json.loads(out)
    assert [t["name"] for t in found["timings"]] == ["fp32", "bf16"]
    assert len(found["losses"]["fp32"]) == 4  # two before the clock starts, two timed


def test_an_unknown_bench_gets_the_nearest(repcat):
    code, _, err = repcat("bench", "trian")
    assert code == 2 and "did you mean 'train'" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train --against nobody", "there is paper to measure against"),
        ("train --against paper --cases swin_48", "did you mean 'swin48'"),
        ("score --against paper", "--against goes with `repcat bench train`"),
        ("train --cases swin12", "--cases and --batch go with"),
        ("all --cases nothing", "there is no case 'nothing'"),
    ],
)
def test_what_bench_cannot_do_is_one_line(repcat, words, said):
    code, out, err = repcat("bench", *words.split())
    assert code == 2 and said in err and not out and len(err.splitlines()) == 1


def test_bench_writes_its_json_whole(repcat, tmp_path):
    file = tmp_path / "load.json"
    words = ("load", str(file), "--size", "16", "--repeats", "1", "--json")
    assert repcat("bench", *words)[0] == 0
    assert json.loads(file.read_text())["timings"][0]["name"] == "phantom"


def test_a_table_of_bench_cuts_no_cell(capsys):
    name, parts = "a variant of many words " * 6, {"model": 1.25, "potential": 2.5}
    timing = replace(timing_of(name, [2.0], [2.0], 1.5, {"steps": 1}), gflop=9763.0, parts=parts)
    _print(report("train", [timing], "cpu"))
    out = capsys.readouterr().out
    assert name.strip() in out and "potential 2.5 s" in out and "…" not in out
