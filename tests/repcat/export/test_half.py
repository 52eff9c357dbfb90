"""Weights in half precision: what is stored, and by how much volumes differ."""

import pytest
import torch
from safetensors.torch import load_file

from repcat.errors import DataError, RepcatError
from repcat.export.formats import export_run
from repcat.export.hub import HALF
from repcat.export.source import open_subject
from repcat.inference.exported import read_exported
from repcat.inference.load import load
from repcat.runs.checkpoint import State


def test_what_is_learnt_is_rounded_once_and_computed_in_float32(run_of):
    run = run_of(backbone={"use": "unet", "channels": [4, 8], "res_units": 1, "norm": "batch"})
    subject = open_subject(run.path)
    exported = export_run(run.path, half=True)
    stored, read = load_file(exported.folder / "model.safetensors"), read_exported(exported.folder)
    learnt = {name for name, _ in subject.network.named_parameters()}
    for name, weight in subject.network.state_dict().items():
        kept = weight.half() if name in learnt else weight
        assert torch.equal(stored[name], kept) and stored[name].dtype == kept.dtype
        assert torch.equal(read.network.state_dict()[name], kept.to(weight.dtype))
    with torch.no_grad():
        before, after = (n(subject.batch).volume for n in (subject.network, read.network))
        for weight in subject.network.parameters():
            weight.copy_(weight.half())
        rounded = subject.network(subject.batch).volume
    assert torch.equal(after, rounded)
    assert 0 < float((after - before).abs().max()) < HALF
    assert read.record.half and "from half precision" in exported.lines[0]


def test_it_takes_half_the_place(run_of):
    run = run_of(backbone={"use": "unet", "channels": [16, 32], "res_units": 1})
    sizes = [
        (export_run(run.path, out=run.path / str(half), half=half).folder / "model.safetensors")
        .stat()
        .st_size
        for half in (False, True)
    ]
    assert 0.5 < sizes[1] / sizes[0] < 0.6


def test_a_weight_that_half_precision_has_not_is_refused(run_of, tmp_path):
    run = run_of()
    state = run.load(2)
    name = next(n for n, w in state.tensors["model"].items() if n.endswith("conv.weight"))
    state.tensors["model"][name] = state.tensors["model"][name] + 1e5
    run.save(2, State(state.tensors, {"step": 2}))
    with pytest.raises(DataError, match="code: too-large-for-half"):
        export_run(run.path, out=tmp_path / "out", half=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("how", [{"half": True}, {"licence": "CC BY 4.0"}])
def test_other_formats_have_neither_halves_nor_a_licence(run_of, how):
    with pytest.raises(RepcatError, match="code: hub-alone"):
        export_run(run_of().path, "torch", **how)


def test_an_exported_model_that_is_not_calibrated_says_what_would_cure_it(run_of):
    run = run_of(train={"quantiles": [0.05, 0.95]})
    exported = export_run(run.path, half=True).folder
    ours, theirs = (load(path, device="cpu").no_intervals for path in (run.path, exported))
    assert ours.startswith(f"no intervals: not calibrated; run: repcat calibrate {run.path}")
    assert theirs.startswith("no intervals: not calibrated; calibrate its run and export it again")
