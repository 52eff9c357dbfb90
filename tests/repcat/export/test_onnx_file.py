"""ONNX run by onnxruntime gives what torch gives, for each family of parts."""

import json

import pytest
import torch

pytest.importorskip("onnxruntime", reason="the extra 'onnx' is not installed")

from repcat.errors import PartError
from repcat.export.onnx_file import open_onnx, write_onnx
from repcat.export.parity import TOLERANCE, agreement
from repcat.export.source import open_subject
from repcat.export.traced import trace
from repcat.geometry import Geometry

UNET = {"use": "unet", "channels": [4, 8], "res_units": 1}
AUTOENCODER = {"use": "autoencoder", "latent": 8, "width": 2, "widest": 4, "output": "sigmoid"}
SWIN = {"use": "swin_unetr", "feature_size": 12, "depths": [1, 1, 1, 1], "output": "sigmoid"}
UNETR = {"use": "unetr", "feature_size": 4, "hidden_size": 12, "mlp_dim": 8, "num_heads": 2}
FAMILIES = {
    "unet": ({"use": "repeat_concat"}, UNET, 32),
    "geometric": ({"use": "repeat_concat", "align": "geometric"}, UNET, 32),
    "view_pool": ({"use": "view_pool", "features": 2}, UNET, 32),
    "rotate": ({"use": "repeat_concat", "align": "rotate"}, UNET, 32),
    "autoencoder": ({"use": "encoder2d"}, AUTOENCODER, 32),
    "coarse": ({"use": "encoder2d", "grid": "coarse"}, AUTOENCODER, 32),
    "unet3d": ({"use": "repeat_concat"}, {"use": "unet3d", "width": 2, "output": "sigmoid"}, 32),
    "swin_unetr": ({"use": "repeat_concat"}, SWIN, 64),
    "unetr": ({"use": "repeat_concat"}, UNETR, 32),
}
LONG = pytest.mark.long
ATTENTION, DEEP = ("swin_unetr", "unetr"), ("unet3d", "autoencoder", "coarse")
MARKS = dict.fromkeys([*ATTENTION, *DEEP, "geometric", "rotate"], LONG)


@pytest.mark.parametrize("family", [pytest.param(f, marks=MARKS.get(f, ())) for f in FAMILIES])
def test_onnxruntime_gives_the_volumes_of_torch_for_any_number_of_patients(
    family, run_of, tmp_path
):
    mapper, backbone, size = FAMILIES[family]
    subject = open_subject(run_of(mapper=mapper, backbone=backbone, data={"size": size}).path)
    traced, file = trace(subject), tmp_path / "model.onnx"
    write_onnx(subject, traced, file)
    run, eager = open_onnx(file), subject.reconstruction()
    assert traced.free
    assert agreement(subject, run, eager).largest <= TOLERANCE == 1e-4
    with torch.no_grad():
        three, volumes = subject.xrays[[0, 1, 0]], eager(subject.xrays[[0, 1, 0]])
    assert (run(three) - volumes).abs().max() <= 1e-4 * 2000
    inside = (volumes > -1000) & (volumes < 1000)  # not all clipped to the window's ends
    assert inside.float().mean() > 0.05


def test_the_file_says_what_it_takes_and_gives(run_of, tmp_path):
    import onnxruntime

    subject = open_subject(run_of().path)
    write_onnx(subject, trace(subject), tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    told = session.get_modelmeta().custom_metadata_map
    assert Geometry.from_dict(json.loads(told["geometry"])) == subject.patients.geometry
    assert json.loads(told["views"]) == ["0", "90"]
    assert json.loads(told["window"]) == [-1000, 1000]
    assert told["note"] == "synthetic, research use only" and "licence" in told
    assert session.get_inputs()[0].shape == ["batch", 2, 32, 32]


def test_a_mapper_with_a_patients_own_noise_is_refused_by_name(run_of):
    subject = open_subject(run_of(mapper={"use": "noise_concat"}).path)
    with pytest.raises(PartError, match="code: a-patients-own-noise"):
        trace(subject)
