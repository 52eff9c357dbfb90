"""Engines give what eager gives, or are refused in one line."""

import sys
from dataclasses import replace
from importlib.util import find_spec
from types import ModuleType

import pytest
import torch
from torch import nn

from repcat.errors import RepcatError
from repcat.inference.engine import kinds
from repcat.inference.engine.engine import Engine
from repcat.inference.engine.kinds import BF16, FLOAT32, KINDS, candidates, check_usable, kind_of
from repcat.inference.engine.parity import check_parity
from repcat.inference.engine.use import all_engines, find_engine
from repcat.models.network import Network
from repcat.types import Prediction

OPENVINO = KINDS["openvino"]


def eager(model, read):
    with torch.no_grad():
        return model.backbone(read).clamp(0, 1)


def refused(name, model, code):
    """Return the line in which an engine is refused."""
    with pytest.raises(RepcatError) as caught:
        find_engine(name, model, 1)
    assert caught.value.code == code
    said = str(caught.value)
    assert "\n" not in said and "--engine eager" in said
    return said


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_an_engine_gives_eagers_volumes_and_the_same_bits_again(name, model):
    engine, _ = find_engine(name, model, 1)
    pair = torch.cat(model.reads)
    ours, theirs = engine.volumes(pair), eager(model, pair)
    assert ours.shape == theirs.shape == (2, 1, 24, 24, 24) and ours.dtype == torch.float32
    assert (ours.clamp(0, 1) - theirs).abs().max() <= FLOAT32 == 1e-4
    assert ((theirs > 0) & (theirs < 1)).float().mean() > 0.05  # not all clipped
    assert torch.equal(engine.volumes(pair), ours)
    assert not torch.equal(ours[0], ours[1])


@pytest.mark.slow
def test_the_compiled_network_gives_eagers_volumes(unmade):
    torch.manual_seed(0)
    small = nn.Sequential(nn.Conv3d(2, 1, 3, padding=1), nn.PReLU())  # each layer costs a compiler
    model = with_backbone(unmade, small.eval())
    engine, _ = find_engine("compiled", model, 1)
    with torch.no_grad():
        ours = engine.volumes(model.reads[0])
    assert (ours - model.backbone(model.reads[0])).abs().max() <= FLOAT32


def test_bf16_is_near_where_the_processor_has_it_and_refused_elsewhere(model):
    pytest.importorskip("openvino")
    if not kinds.has_bf16():
        said = refused("openvino-bf16", model, "engine-unusable")
        assert "needs a processor with bf16" in said and "take openvino" in said
        return
    engine, _ = find_engine("openvino-bf16", model, 1)
    ours = engine.volumes(model.reads[0]).clamp(0, 1)
    assert 0 < (ours - eager(model, model.reads[0])).abs().max() <= BF16 == 2e-2


def test_more_than_the_tolerance_is_refused(tiny):
    off = Engine("off", lambda read: tiny.backbone(read) + 1.5e-4)
    with pytest.raises(RepcatError, match=r"differs from eager by 1\.5e-04 of the window") as error:
        check_parity(off, OPENVINO, tiny.backbone, tiny.reads)
    assert error.value.code == "engine-differs"
    near = Engine("near", lambda read: tiny.backbone(read) + 5e-5)
    found = check_parity(near, OPENVINO, tiny.backbone, tiny.reads)
    assert found == pytest.approx(5e-5, rel=1e-2)


@pytest.mark.parametrize("wrong", [lambda v: v * torch.nan, lambda v: v[..., 1:]])
def test_no_numbers_and_other_shapes_are_refused(tiny, wrong):
    off = Engine("off", lambda read: wrong(tiny.backbone(read)))
    with pytest.raises(RepcatError, match="code: engine-differs"):
        check_parity(off, OPENVINO, tiny.backbone, tiny.reads)


class Doubting(nn.Module):
    """A backbone that looks at its input before it decides, which no graph can."""

    def forward(self, read):
        return read[:, :1] * (2 if float(read.sum()) > 0 else 1)


class Branching(nn.Module):
    """A backbone of more than a volume."""

    def forward(self, read):
        return Prediction(read[:, :1] * 0.5 + 0.1, {"other": read})


def with_backbone(model, backbone):
    return replace(model, network=Network(model.network.mapper, backbone))


def test_a_backbone_that_cannot_be_exported_is_refused_and_leaves_nothing(unmade):
    said = refused("onnxruntime", with_backbone(unmade, Doubting()), "not-traceable")
    assert "cannot be exported" in said
    assert not list(unmade.home.rglob("*"))


def test_a_backbone_with_branches_gives_its_volume(unmade):
    model = with_backbone(unmade, Branching())
    engine, _ = find_engine("onnxruntime", model, 1)
    assert torch.allclose(engine.run(model.reads[0]), model.reads[0][:, :1] * 0.5 + 0.1)


def test_a_missing_package_is_named_with_its_extra(unmade, monkeypatch):
    monkeypatch.setattr(kinds, "find_spec", lambda name: None if name == "openvino" else name)
    assert "needs openvino: pip install 'repcat[openvino]'" in refused(
        "openvino", unmade, "engine-unusable"
    )
    assert [kind.name for kind in candidates("cpu")] == ["onnxruntime"]


def test_a_package_of_an_unusable_version_is_told_in_one_line(model, monkeypatch):
    old = ModuleType("onnxruntime")  # of no session
    old.__spec__ = find_spec("onnxruntime")
    monkeypatch.setitem(sys.modules, "onnxruntime", old)
    said = refused("onnxruntime", model, "engine-unusable")
    assert f"engine {KINDS['onnxruntime'].label} cannot be used here (AttributeError" in said
    assert "pip install -U 'repcat[onnx]'" in said


def test_compiled_is_refused_where_there_is_no_compiler(unmade, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    said = refused("compiled", unmade, "engine-unusable")
    assert "there is no no-such-compiler: install g++, or name one in CXX" in said


def test_what_computes_on_the_processor_is_no_engine_of_a_cuda_device():
    with pytest.raises(RepcatError, match="computes on the processor, not on cuda:0"):
        check_usable(KINDS["onnxruntime"], "cuda:0")
    assert [kind.name for kind in candidates("cuda:0")] in ([], ["compiled"])


def test_an_engine_that_a_record_tells_and_is_not_known_is_refused():
    assert kind_of("eager") is None and kind_of("openvino 2026.1") is OPENVINO
    with pytest.raises(RepcatError, match="code: no-such-engine"):
        kind_of("abacus 3")


def test_all_engines_are_there_or_say_why_not(model, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    found = all_engines(model)
    assert list(found) == list(KINDS)
    assert isinstance(found["openvino"], Engine) and "C++ compiler" in found["compiled"]
