from __future__ import annotations

import socket
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from repcat import Grid, PartError, seeded
from repcat_plugins.mappers.timm_encoder import TimmEncoder
from repcat_plugins.mappers.timm_import import import_timm

SIZE = (64, 64)


def encoder_of(name="test_resnet", size=SIZE, weights="", level=None, channels=0):
    with seeded("encoder"):
        return TimmEncoder(name, size, weights, level, channels)


@pytest.mark.parametrize(
    ("name", "level", "out"),
    [
        ("test_resnet", None, Grid(96, ())),
        ("resnet18", None, Grid(512, ())),
        ("resnet18", -1, Grid(512, (2, 2))),
        ("resnet18", 2, Grid(128, (8, 8))),
        ("test_vit", None, Grid(64, ())),
        ("test_vit", 1, Grid(64, (4, 4))),
        ("swin_tiny_patch4_window7_224", -2, Grid(384, (4, 4))),
        ("convnext_atto", -1, Grid(320, (2, 2))),
        ("mobilenetv3_small_050", None, Grid(1024, ())),
    ],
)
def test_an_encoder_gives_the_grid_it_states_and_every_weight_learns(name, level, out) -> None:
    encoder = encoder_of(name, level=level)
    images = torch.rand(2, 1, *SIZE)
    features = encoder(images)
    assert encoder.out == out and features.shape == (2, out.channels, *out.size)
    features.square().sum().backward()
    assert not [n for n, p in encoder.named_parameters() if p.grad is None]


def test_channels_projects_the_features() -> None:
    assert encoder_of(channels=5).out == Grid(5, ())
    assert encoder_of(level=-1, channels=5)(torch.rand(2, 1, *SIZE)).shape == (2, 5, 2, 2)


@pytest.mark.parametrize("name", ["resnet18", "test_vit", "swin_tiny_patch4_window7_224"])
@pytest.mark.parametrize("level", [None, -1])
def test_an_encoder_builds_without_memory(name: str, level) -> None:
    with torch.device("meta"):
        encoder = encoder_of(name, level=level)
    assert next(encoder.parameters()).is_meta


@pytest.mark.parametrize(
    ("name", "nearest"), [("resnet81", "'resnet18'"), ("hf_hub:timm/resnet18", "timm.list_models")]
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(PartError, match=nearest):
        encoder_of(name)


def test_a_size_that_an_encoder_cannot_take_is_refused() -> None:
    with pytest.raises(
        PartError, match="cannot encode images of 32 x 32 pixels with 'inception_v3"
    ):
        encoder_of("inception_v3", size=(32, 32))


def test_a_level_that_an_encoder_lacks_is_refused() -> None:
    with pytest.raises(PartError, match=r"no map of mapper\.level = 9"):
        encoder_of(level=9)


def test_an_encoder_without_maps_is_refused_where_a_map_is_wanted(monkeypatch) -> None:
    """No encoder of timm 1.0.31 lacks them; older ones do, and other people's."""
    import_timm()
    resnet = sys.modules["timm.models.resnet"].ResNet
    monkeypatch.delattr(resnet, "prune_intermediate_layers")
    with pytest.raises(PartError, match="code: no-map"):
        encoder_of("resnet18", level=-1)


def test_batch_normalisation_over_one_value_is_refused_in_a_line() -> None:
    encoder = encoder_of(size=(32, 32))
    with pytest.raises(PartError, match=r"train\.batch_size to 2"):
        encoder(torch.rand(1, 1, 32, 32))
    assert encoder.eval()(torch.rand(1, 1, 32, 32)).isfinite().all()


@pytest.fixture
def three_colours(tmp_path):
    """A file as timm ships them: three input channels and a classifier."""
    with seeded("file"):
        model = import_timm().create_model("test_resnet")
    save_file(model.state_dict(), tmp_path / "w.safetensors")
    return model.eval(), tmp_path / "w.safetensors"


def test_weights_of_a_file_see_a_gray_image_as_the_colour_network_does(three_colours) -> None:
    model, path = three_colours
    encoder = encoder_of(weights=str(path)).eval()
    gray = torch.rand(2, 1, *SIZE)
    standardised = (gray - encoder.mean) / encoder.spread
    with torch.no_grad():
        expected = model.forward_head(
            model.forward_features(standardised.expand(-1, 3, -1, -1)), pre_logits=True
        )
        assert encoder(gray).sub(expected).abs().max() < 1e-5


def test_weights_fill_a_pruned_encoder_too(three_colours) -> None:
    model, path = three_colours
    encoder = encoder_of(weights=str(path), level=1)
    weights = model.state_dict()["layer1.0.conv1.weight"]
    assert encoder.encoder.state_dict()["layer1.0.conv1.weight"].equal(weights)


def test_positions_of_a_transformer_are_resized_to_the_images(tmp_path) -> None:
    model = import_timm().create_model("test_vit")
    save_file(model.state_dict(), tmp_path / "w.safetensors")
    assert encoder_of("test_vit", weights=str(tmp_path / "w.safetensors")).out == Grid(64, ())


def test_a_file_of_another_encoder_is_refused(three_colours) -> None:
    _, path = three_colours
    with pytest.raises(PartError, match=r"w\.safetensors'.*size mismatch"):
        encoder_of("resnet18", weights=str(path))


def test_a_file_that_lacks_a_weight_is_refused(three_colours) -> None:
    model, path = three_colours
    state = model.state_dict()
    save_file({k: v for k, v in state.items() if not k.startswith("layer3")}, path)
    with pytest.raises(PartError, match=r"lacks \d+ of the encoder's \d+ tensors, 'layer3"):
        encoder_of(weights=str(path))


@pytest.mark.parametrize("content", [None, b"no safetensors"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content) -> None:
    path = tmp_path / "w.safetensors"
    if content:
        path.write_bytes(content)
    with pytest.raises(PartError, match="code: file-damaged"):
        encoder_of(weights=str(path))


def test_nothing_is_asked_of_the_network(monkeypatch, three_colours) -> None:
    def refuse(*_):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    encoder_of("resnet18")
    encoder_of(weights=str(three_colours[1]))


def test_the_mapper_is_imported_without_timm() -> None:
    code = "import sys, repcat_plugins.mappers.encoder2d; assert 'timm' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
