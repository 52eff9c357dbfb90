"""`repcat export`: four formats from a trained run; bad input in one line, nothing half-written."""

from pathlib import Path

import pytest

from repcat.export import onnx_file


def told(result, *words):
    code, _, err = result
    assert code == 2 and "Traceback" not in err and err.count("\n") == 1
    for word in words:
        assert word in err, err


def test_a_trained_run_becomes_a_folder_a_bundle_and_a_program(repcat, trained):
    for words, file in (
        ((), "hub/model.safetensors"),
        (("--monai-bundle",), "monai/configs/metadata.json"),
        (("--torch",), "torch/model.pt2"),
    ):
        code, out, err = repcat("export", trained, *words)
        assert code == 0, err
        assert "largest difference from eager" in out and "research use only" in out
        assert (trained / "export" / file).stat().st_size > 100
        assert (trained / "export" / file).exists()
    assert not list(trained.rglob("*.tmp"))


def test_onnx_is_run_on_every_patient_of_the_split(repcat, trained):
    pytest.importorskip("onnxruntime", reason="the extra 'onnx' is not installed")
    code, out, err = repcat("export", trained, "--onnx", "--run", "--out", "there")
    assert code == 0, err
    assert "all patients by onnxruntime" in out and "seconds a patient" in out
    assert len(list(Path("there/volumes").glob("*.mha"))) == 2
    assert "seconds a patient" in Path("there/README.md").read_text()


def test_an_earlier_step_can_be_chosen(repcat, trained):
    assert repcat("export", trained, "--step", 2)[0] == 0
    assert "weights of step 2 of 4" in (trained / "export" / "hub" / "README.md").read_text()


def test_bad_input_is_one_line_and_writes_nothing(repcat, trained, monkeypatch):
    told(repcat("export", "nowhere"), "nowhere is no run")
    told(repcat("export", trained, "--step", 9), "no checkpoint of step 9")
    told(repcat("export", trained, "--onnx", "--torch"), "one format at a time")
    told(repcat("export", trained, "--run"), "give --onnx with it")
    Path("full").mkdir()
    told(repcat("export", trained, "--out", "full"), "full exists", "--out")
    monkeypatch.setattr(onnx_file, "find_spec", lambda name: None)
    told(repcat("export", trained, "--onnx"), "pip install 'repcat[onnx]'")
    assert not (trained / "export").exists() and not list(Path("full").iterdir())


def test_a_run_without_a_checkpoint_is_told_to_train(repcat, trained):
    for state in trained.glob("checkpoints/*/state.json"):
        state.unlink()
    told(repcat("export", trained), "no checkpoint yet; go on with: repcat train")
